#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# export.sh: a conversation written out in four formats, and what stands in the way of it.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/program/lib.sh"

D=$T/d
esc=$(printf '\033')
chat "$D" send '#lobby' 'first <b>bold</b> & "quoted"' >/dev/null
chat "$D" send '#lobby' "an ${esc}[31mescape" >/dev/null
printf 'two\n# lines' | chat "$D" send '#lobby' - >/dev/null
chat "$D" send '#lobby' --reply 2 'see https://example.org/a?b=1&c=2.' >/dev/null
chat "$D" send '#lobby' 'wrogn' >/dev/null
chat "$D" edit '#lobby' 6 'right' >/dev/null
chat "$D" send '#lobby' 'a secret' >/dev/null
chat "$D" delete '#lobby' 8 >/dev/null
chat "$D" react '#lobby' 2 '👍' >/dev/null
chat "$D" topic '#lobby' 'all <things>' >/dev/null
chat "$D" me '#lobby' waves >/dev/null

gives "jsonl is the default" 0 chat "$D" export '#lobby'
is "jsonl is what log --json prints" "$out" "$(chat "$D" --offline log '#lobby' --json)"
is "it can be named" "$(chat "$D" export '#lobby' --format jsonl)" "$out"
is "text is what log prints" "$(chat "$D" export '#lobby' --format text)" \
	"$(chat "$D" --offline log '#lobby')"
is "raw text is what log --raw prints" "$(chat "$D" export '#lobby' --format text --raw)" \
	"$(chat "$D" --offline log '#lobby' --raw)"

gives "markdown" 0 chat "$D" export '#lobby' --format markdown
md=$out
has "the name is the heading" "$md" '# \#lobby'
has "a heading a day" "$md" "## $(date +%Y-%m-%d)"
has "each message is a quotation" "$md" '> first \<b>bold\</b> & "quoted"'
has "which holds all its lines" "$md" '> two
> # lines'
has "an edited one is marked" "$md" '** (edited)'
has "a deleted one is shown as such" "$md" '> *(deleted)*'
has "reactions are told" "$md" '👍 1'
has "an answer quotes what it answers" "$md" ': first \<b\>bold'
ok "nothing of a deleted message is left" sh -c '! printf %s "$1" | grep -q secret' - "$md"
ok "markdown holds no escape" sh -c '! printf %s "$1" | grep -q "$2"' - "$md" "$esc"

gives "html" 0 chat "$D" export '#lobby' --format html
html=$out
has "html is one document" "$html" '<!DOCTYPE html>'
has "it ends" "$html" '</html>'
has "text is escaped" "$html" 'first &lt;b&gt;bold&lt;/b&gt; &amp; &quot;quoted&quot;'
has "the topic too" "$html" '<p>all &lt;things&gt;</p>'
has "addresses are links" "$html" 'href="https://example.org/a?b=1&amp;c=2">'
has "an answer links to what it answers" "$html" '<a class="reply" href="#s2">'
has "an edited one is marked in html" "$html" '<small>(edited)</small>'
has "it is dark where the reader is" "$html" 'prefers-color-scheme:dark'
ok "there is no script and nothing to load" sh -c \
	'! printf %s "$1" | grep -Eiq "<script|src=|@import|url\("' - "$html"
ok "html holds no escape" sh -c '! printf %s "$1" | grep -q "$2"' - "$html" "$esc"
has "unless it is asked for" "$(chat "$D" export '#lobby' --format html --raw)" "$esc"

gives "an unknown format" 2 chat "$D" export '#lobby' --format pdf
gives "an unknown room" 3 chat "$D" export '#nowhere'
gives "a full disk" 1 sh -c '"$1" --data "$2" export "#lobby" >/dev/full' - "$bin/stonechat" "$D"
has "is said" "$err" 'cannot write to standard output'

# Long enough for several batches.
awk 'BEGIN { for (i = 1; i <= 3000; i++) print "line " i }' |
	chat "$D" send '#lobby' --each-line --timeout 60 >/dev/null
is "every row comes once, in order" \
	"$(chat "$D" export '#lobby' | sed -n 's/.*"text":"line \([0-9]*\)".*/\1/p')" \
	"$(awk 'BEGIN { for (i = 1; i <= 3000; i++) print i }')"
is "a closed pipe ends quietly" "$( (trap '' PIPE; chat "$D" export '#lobby' 2>&1; echo $? >"$T/status") |
	head -n 0; cat "$T/status")" 141
done_testing

#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# import.sh: logs of other programs and exports of our own, into the archive and out again.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/program/lib.sh"

D=$T/d
logs=$top_srcdir/tests/data/logs
cp "$logs/weechat.log" "$T/irc.libera.#ops.weechatlog"
plain() { sed 's/"account":"[^"]*","conv":"[^"]*","name":"[^"]*","seq":[0-9]*,//'; }

gives "a log of WeeChat" 0 chat "$D" import "$T/irc.libera.#ops.weechatlog"
is "the name comes from the file" "$out" '#ops: 13 new, 0 there already'
has "a bad line is told by its number" "$err" 'line 14: there is no such time'
has "and counted" "$err" '2 lines were not understood and left out'
gives "the same again" 0 chat "$D" import "$T/irc.libera.#ops.weechatlog"
is "adds nothing" "$out" '#ops: 0 new, 13 there already'
cat "$T/irc.libera.#ops.weechatlog" >"$T/ops.log"
printf '2026-11-24 11:00:00\tann\tone more\n' >>"$T/ops.log"
is "of a log that has grown, only what is new" "$(chat "$D" import "$T/ops.log" 2>/dev/null)" \
	'#ops: 1 new, 13 there already'
is "numbers begin with 1 and have no holes" \
	"$(chat "$D" export '#ops' | sed -n 's/.*"seq":\([0-9]*\),.*/\1/p' | tr '\n' ' ')" \
	'1 2 3 4 5 6 7 8 9 10 11 12 13 14 '
has "two that say the same are two" "$(chat "$D" log '#ops' -n 20 | grep -c 'hello')" 2

gives "a log of irssi" 0 chat "$D" import --as '#irssi' --tz Asia/Tokyo "$logs/irssi.log"
is "the zone is that of the log" "$(chat "$D" export '#irssi' |
	sed -n 's/.*"from":"bob","ts":"\([^"]*\)".*"yo.*/\1/p')" 2026-11-24T01:02:00.000Z
is "standard input" "$(chat "$D" import - --as '#stdin' --format irssi <"$logs/irssi.log" 2>/dev/null)" \
	'#stdin: 14 new, 0 there already'
gives "which needs a name" 2 chat "$D" import - </dev/null
has "rooms lists it" "$(chat "$D" rooms)" 'archive #irssi'
has "account list names it" "$(chat "$D" account list)" archive
has "search finds it" "$(chat "$D" search 'nods' --json)" '"account":"archive"'
is "nothing of it is unread" "$(chat "$D" --account archive unread --count)" 0
gives "log with --account" 0 chat "$D" --account archive log '#irssi' -n 1
has "shows the newest" "$out" 'with seconds'
gives "verify looks at it alone" 0 chat "$D" verify
gives "nothing can be sent to it" 3 chat "$D" send '#irssi' hey
has "which is said" "$err" 'archive'
is "and nothing is queued" "$(chat "$D" outbox)" ''

# One's own export, with everything that can happen to a message.
chat "$D" send '#lobby' 'first' >/dev/null
chat "$D" send '#lobby' --reply 2 'answer' >/dev/null
chat "$D" send '#lobby' 'wrogn' >/dev/null
chat "$D" edit '#lobby' 4 'right' >/dev/null
chat "$D" send '#lobby' 'a secret' >/dev/null
chat "$D" delete '#lobby' 6 >/dev/null
chat "$D" react '#lobby' 2 '👍' >/dev/null
chat "$D" topic '#lobby' 'quiet' >/dev/null
chat "$D" export '#lobby' >"$T/lobby.jsonl"
gives "an export" 0 chat "$D" import "$T/lobby.jsonl" --as '#back'
is "comes back as it was" "$(chat "$D" export '#back' | plain)" "$(plain <"$T/lobby.jsonl")"
has "and the second time adds nothing" "$(chat "$D" import "$T/lobby.jsonl" --as '#back')" '#back: 0 new'

printf '2026-11-24 10:00:00\tann\tcaf\351 and \0 nothing\r\n' >"$T/latin.log"
gives "bad bytes" 0 chat "$D" import "$T/latin.log"
has "are counted" "$err" '2 bad byte sequences were replaced by U+FFFD'
has "and replaced" "$(chat "$D" log '#latin')" 'caf� and � nothing'
{ printf '2026-11-24 10:00:00\tann\t'; head -c 100000 /dev/zero | tr '\0' x; echo; } >"$T/long.log"
gives "a huge line" 0 chat "$D" import "$T/long.log"
has "is cut, and that is said" "$err" 'line 1: cut to 32000 bytes'
{ printf '2026-11-24 10:00:00\tann\t'; head -c 2000000 /dev/zero | tr '\0' x
	printf '\n2026-11-24 10:00:01\tann\tafter\n'; } >"$T/huge.log"
gives "a line that cannot be one" 0 chat "$D" import "$T/huge.log"
is "is left out, the next one is not" "$out" '#huge: 1 new, 0 there already'

printf '2026-03-29 02:30:00\tann\tnever shown\n2026-10-25 02:30:00\tann\tsummer\n2026-10-25 02:10:00\tann\twinter\n' >"$T/dst.log"
chat "$D" import "$T/dst.log" --tz Europe/Berlin >/dev/null
is "an hour that is left out, and one that comes twice" \
	"$(chat "$D" export '#dst' | sed -n 's/.*"ts":"\([^"]*\)".*/\1/p' | tr '\n' ' ')" \
	'2026-03-29T01:30:00.000Z 2026-10-25T00:30:00.000Z 2026-10-25T01:10:00.000Z '

printf 'just\nsome\nwords\n' >"$T/none.log"
gives "what is no log" 2 chat "$D" import "$T/none.log"
gives "a file that is not there" 2 chat "$D" import "$T/nothing.log"
gives "an unknown zone" 2 chat "$D" import "$T/dst.log" --tz Europe/Atlantis
gives "an unknown format" 2 chat "$D" import "$T/dst.log" --format mirc
gives "a bad name" 2 chat "$D" import "$T/dst.log" --as 'Ops'
gives "the archive cannot be the default" 2 chat "$D" account default archive
gives "nor be added" 2 chat "$D" account add archive unix:/x

awk 'BEGIN { for (i = 0; i < 20000; i++) printf "2026-11-24 %02d:%02d:%02d\tann\tline %d\n", 10 + i / 3600, i / 60 % 60, i % 60, i }' >"$T/many.log"
is "many lines" "$(chat "$D" import "$T/many.log")" '#many: 20000 new, 0 there already'
is "come in their order" "$(chat "$D" export '#many' | sed -n 's/.*"text":"line \([0-9]*\)".*/\1/p' | sort -nc && echo yes)" yes
done_testing

#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# past.sh: an older backup of the server, restored by its command and by copying files back; an older
# copy of a person's data; clocks that are ten years wrong. What was acknowledged is there, once.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/program/lib.sh"
. "$top_srcdir/tests/program/proxy.sh"

serve_again() { serve "$T/server" --set rooms.auto_join='#lobby'; }
send_lines() { seq -f "$2 %g" "$3" "$4" | chat "$T/$1" send '#lobby' --each-line --timeout 60; }
cid() { printf '00000000-0000-7000-8000-%012x' "$1"; }

# told DATA: all texts, sorted: numbers may differ after a fork.
told() { texts "$1" '#lobby' | sort; }

# everybody NAME WANTED…: everybody's mirror is what the server has, and holds what stands in $T/want.
everybody() {
	sort "$T/want" >"$T/want.sorted"
	for who in ann bob; do
		ok "$1: $who catches up" chat "$T/$who" sync --all
	done
	for who in ann bob; do
		chat "$T/$who" sync --all 2>/dev/null
		told "$T/$who" >"$T/told"
		ok "$1: $who has every line once" diff "$T/want.sorted" "$T/told"
		ok "$1: $who's mirror is what the server has" chat "$T/$who" verify
	done
	is "$1: the server's log is whole" \
		"$("$bin/stonechatd" --data "$T/server" check >/dev/null 2>&1; echo $?)" 0
}

serve_again || exit 1
for who in ann bob; do
	(umask 077; "$bin/stonechatd" --data "$T/server" user add $who >"$T/$who.token")
	ok "$who" chat "$T/$who" account add mine "unix:$T/server/sock" --user $who --token-file "$T/$who.token"
done
send_lines ann before 1 20 >/dev/null
send_lines bob before-too 1 20 >/dev/null
ok "a backup" "$bin/stonechatd" --data "$T/server" backup "$T/backup"

# ---- restored by command ----
send_lines ann after 1 20 >/dev/null
send_lines bob after-too 1 20 >/dev/null
ok "a message of a known number" chat "$T/ann" send '#lobby' numbered --cid "$(cid 1)"
end "$server"
ok "an older backup is restored" "$bin/stonechatd" --data "$T/server" restore "$T/backup"
serve_again || exit 1
{
	seq -f 'before %g' 20 && seq -f 'before-too %g' 20
	seq -f 'after %g' 20 && seq -f 'after-too %g' 20
	echo numbered
} >"$T/want"
everybody "restored"
is "restored: what came back has its number still" \
	"$(chat "$T/ann" send '#lobby' numbered --cid "$(cid 1)" --json | jq .dup)" true

# ---- files copied back ----
end "$server"
cp -a "$T/server" "$T/older"
serve_again || exit 1
send_lines ann later 1 20 >/dev/null
send_lines bob later-too 1 20 >/dev/null
ok "a message of a known number" chat "$T/bob" send '#lobby' numbered-too --cid "$(cid 2)"
end "$server"
rm -rf "$T/server"
mv "$T/older" "$T/server"
serve_again || exit 1
{ seq -f 'later %g' 20 && seq -f 'later-too %g' 20 && echo numbered-too; } >>"$T/want"
everybody "copied back"
is "copied back: what came back has its number still" \
	"$(chat "$T/bob" send '#lobby' numbered-too --cid "$(cid 2)" --json | jq .dup)" true

# ---- a person's data copied back, and used twice ----
murder "$(engine_of "$T/ann")"
cp -a "$T/ann" "$T/twin"
rm -f "$T/twin/engine.lock"
send_lines ann single 1 5 >/dev/null
ok "an older copy of the data speaks" chat "$T/twin" send '#lobby' twin
murder "$(engine_of "$T/ann")"
ok "so does the newer one, started again" chat "$T/ann" send '#lobby' first
murder "$(engine_of "$T/twin")"
ok "and the older one again" chat "$T/twin" send '#lobby' second
{ seq -f 'single %g' 5 && printf 'twin\nfirst\nsecond\n'; } >>"$T/want"
everybody "used twice"
murder "$(engine_of "$T/twin")"

# ---- clocks ----
fake=$(find /usr/lib -name libfaketime.so.1 2>/dev/null | head -n 1)
if is_sanitised; then
	skip "clocks that are ten years wrong" "faketime and ASan do not go together"
elif [ -z "$fake" ]; then
	skip "clocks that are ten years wrong" "no libfaketime"
else
	for days in +3650 -3650 +0; do
		off="env LD_PRELOAD=$fake FAKETIME=${days}d FAKETIME_DONT_FAKE_MONOTONIC=1"
		murder "$(engine_of "$T/ann")"
		ok "$days days: ann speaks" $off "$bin/stonechat" --data "$T/ann" send '#lobby' "ann at $days"
		end "$server"
		: >"$T/server.log"
		$off "$bin/stonechatd" --data "$T/server" --set rooms.auto_join='#lobby' >"$T/server.log" 2>&1 &
		server=$!
		pids="$pids $server"
		ok "$days days: the server" until_true 20 grep -q 'listening on' "$T/server.log"
		ok "$days days: bob speaks" chat "$T/bob" send '#lobby' "bob at $days"
		printf 'ann at %s\nbob at %s\n' "$days" "$days" >>"$T/want"
	done
	murder "$(engine_of "$T/ann")"
	everybody "wrong clocks"
	chat "$T/bob" --offline log '#lobby' --json | jq -r 'select(.kind == "msg") | .ts' >"$T/ts"
	ok "wrong clocks: the log's own time never goes back" sort -c "$T/ts"
fi

done_testing

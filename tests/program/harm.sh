#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# harm.sh: what a network and a stopped process do to a connection: delay, bytes one by one, frames
# that arrive beside the next connection, connections that come twice, half-open ones, a server and a
# reader that stand still. STONECHAT_LONG=yes waits a minute for an engine to notice silence.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/program/lib.sh"
. "$top_srcdir/tests/program/proxy.sh"

# suffers NAME LINES PLAN…: a person sends lines through the plans; they arrive once, in order.
suffers() {
	me=$1 lines=$2
	shift 2
	through "$me" "$port" "$@" || return 1
	(umask 077; "$bin/stonechatd" --data "$T/server" user add "$me" >"$T/$me.token")
	chat "$T/$me" account add mine "ws://127.0.0.1:$port" --user "$me" --token-file "$T/$me.token" &&
		chat "$T/$me" sync || return 1
	murder "$(engine_of "$T/$me")"
	chat "$T/$me" config set 'account mine.url' "$proxy_at"
	seq -f "$me %g" "$lines" >"$T/$me.in"
	chat "$T/$me" send '#lobby' --each-line --timeout 60 <"$T/$me.in" >"$T/$me.out"
	is "$me: all is acknowledged" "$? $(wc -l <"$T/$me.out")" "0 $lines"
}

# heard NAME: what the server has of that person's is what was sent.
heard() {
	chat "$T/eve" sync >/dev/null
	chat "$T/eve" --offline log '#lobby' --json |
		jq -r --arg u "$1" 'select(.kind == "msg" and .from == $u) | .text' >"$T/$1.heard"
	ok "$1: every line is there once, in order" diff "$T/$1.in" "$T/$1.heard"
}

serve "$T/server" --listen 127.0.0.1:0 --listen "unix:$T/server/sock" --set rooms.auto_join='#lobby' \
	--set limits.rate=0 --set limits.ping=1 --set limits.dead=3 || exit 1
port=$(sed -n 's/.*listening on ws:..127\.0\.0\.1:\([0-9]*\).*/\1/p' "$server_log")
ok "somebody who looks on" chat "$T/eve" account add mine "unix:$T/server/sock"

# ---- the network ----
suffers delayed 40 "delay 2 30"
heard delayed
suffers trickled 10 "trickle 1 0"
heard trickled
# Frames of the old connection reach the server after the client came back.
suffers late 60 "late 900 1500" "late 2000 900" pass
ok "late: a connection was harmed" grep -q struck "$proxy_log"
ok "late: the rest has arrived" until_true 10 sh -c "[ \$(grep -c ' end ' '$proxy_log') -ge \$(grep -c struck '$proxy_log') ]"
heard late
# The same bytes once more, hello and all, when a connection is over.
suffers twice 20 replay pass
kill -USR1 "$proxy"
ok "twice: the connection came once more" until_true 10 grep -q struck "$proxy_log"
ok "twice: and goes" until_true 10 sh -c "[ \$(grep -c ' end ' '$proxy_log') -ge 2 ]"
ok "twice: its owner still gets through" chat "$T/twice" sync
heard twice

# ---- half-open ----
suffers silent 3 pass
heard silent
murder "$(engine_of "$T/silent")"
through deaf "$port" "swallow down 1500" pass
chat "$T/silent" config set 'account mine.url' "$proxy_at"
echo 'silent 4' >>"$T/silent.in"
if [ "${STONECHAT_LONG:-no}" = yes ]; then
	ok "an engine that hears nothing notices and comes again" \
		chat "$T/silent" send '#lobby' 'silent 4' --timeout 100
	heard silent
else
	chat "$T/silent" send '#lobby' 'silent 4' --no-wait 2>/dev/null
fi
ok "a server that hears nothing hangs up" until_true 15 grep -q '^1 left server' "$proxy_log"

# ---- who stands still ----
kill -STOP "$server"
chat "$T/eve" send '#lobby' 'to a stopped server' --timeout 1 >"$T/out" 2>"$T/err"
is "the server stands still: queued, 75" "$?" 75
has "the server stands still: says queued" "$(cat "$T/err")" queued
kill -CONT "$server"
ok "it goes on, and the message goes by itself" \
	until_true 20 sh -c "'$bin/stonechat' --data '$T/eve' log '#lobby' -n 3 | grep -q 'to a stopped server'"
chat "$T/delayed" sync >/dev/null
reader=$(engine_of "$T/delayed")
kill -STOP "$reader"
seq -f "flood %g" 5000 | chat "$T/eve" send '#lobby' --each-line >"$T/out"
is "a reader stands still: others are not held up" "$(wc -l <"$T/out")" 5000
kill -CONT "$reader"
ok "it goes on and gets all" until_true 30 sh -c "'$bin/stonechat' --data '$T/delayed' log '#lobby' -n 1 | grep -q 'flood 5000'"
ok "its mirror is what the server has" chat "$T/delayed" verify

is "the server's log is whole" "$("$bin/stonechatd" --data "$T/server" check >/dev/null 2>&1; echo $?)" 0
done_testing

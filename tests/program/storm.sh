#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# storm.sh: everybody comes back at once: after all connections were cut, and after the server died.
# STONECHAT_CLIENTS (100; under ASan 40) connections, 20 an engine.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/program/lib.sh"
. "$top_srcdir/tests/program/proxy.sh"

is_sanitised && clients=40 || clients=100
clients=${STONECHAT_CLIENTS:-$clients}
engines=$((clients / 20))

serve_again() { serve "$T/server" --set rooms.auto_join='#lobby' --set limits.per_user=0; }

# everywhere COMMAND…: a command of each engine's, all at once; fails when one fails.
everywhere() {
	waits=
	for k in $(seq $engines); do
		chat "$T/e$k" "$@" >"$T/e$k.out" 2>&1 </dev/null &
		waits="$waits $!"
	done
	bad=0
	for pid in $waits; do wait "$pid" || bad=1; done
	[ $bad = 0 ] || { cat "$T"/e*.out; return 1; }
}

# newest TEXT: do all accounts of all engines hold it?
newest() {
	for k in $(seq $engines); do
		[ "$(chat "$T/e$k" --offline search "$1" --json </dev/null | jq -r .account | sort -u | wc -l)" = 20 ] || {
			echo "engine $k"
			return 1
		}
	done
}

connected() { [ $(($(grep -c ' plan ' "$proxy_log") - $(grep -c ' end ' "$proxy_log"))) -ge "$clients" ]; }

serve_again || exit 1
for n in $(seq 40); do
	"$bin/stonechatd" --data "$T/server" user add "user$n" >"$T/token.$n" 2>"$T/admin.$n" &
	admins="${admins-} $!"
done
bad=0
for pid in $admins; do wait "$pid" || bad=1; done
is "40 administrators at once are all served" "$bad $(cat "$T"/admin.*)" "0 "
is "each with another token" "$(cat "$T"/token.* | sort -u | wc -l)" 40

through door "unix:$T/server/sock" pass || exit 1
for k in $(seq $engines); do
	mkdir -m 700 "$T/e$k"
	for n in $(seq 20); do
		printf '[account a%d]\nurl = %s\nuser = %s\n' "$n" "$proxy_at" "$(id -un | tr 'A-Z' 'a-z')"
	done >"$T/e$k/config"
done
ok "$clients clients connect" everywhere sync
ok "all at the same time" until_true 20 connected
ok "somebody writes" chat "$T/e1" --account a1 send '#lobby' calm </dev/null
ok "everybody hears it" until_true 30 newest calm

kill -USR1 "$proxy"
ok "all connections are cut, and all are there again" everywhere sync
ok "all at the same time" until_true 30 connected
ok "somebody writes" chat "$T/e1" --account a2 send '#lobby' gust </dev/null
ok "everybody hears it" until_true 30 newest gust

murder "$server"
serve_again || exit 1
ok "the server dies, and all are there again" everywhere sync
ok "somebody writes" chat "$T/e1" --account a3 send '#lobby' gale </dev/null
ok "everybody hears it" until_true 30 newest gale
ok "every mirror is what the server has" everywhere verify
ok "the server is not as large as a crowd would make it" \
	test "$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$server/status")" -lt 400000

done_testing

#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# streams.sh: many fronts at once, one engine; what is on its way survives the engine's death.
# STONECHAT_LINES (4000) lines.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/program/lib.sh"

lines=${STONECHAT_LINES:-4000}
me() { chat "$T/me" "$@"; }
# gone PID: the process ended (a zombie did).
gone() { ! readlink "/proc/$1/exe" >/dev/null; }
engine() { sed -n 's/^pid=//p' "$T/me/engine.lock"; }

# ---- one engine ----
n=0
while [ $n -lt 20 ]; do
	n=$((n + 1))
	me send '#lobby' "from $n" >"$T/race.$n" 2>&1 &
	fronts="${fronts-} $!"
done
for pid in $fronts; do wait "$pid"; done
is "20 fronts at once are all served" "$(cat "$T"/race.* | grep -c '^#lobby [0-9]*$')" 20
is "by one engine" "$(grep -c started= "$T/me/log")" 1
is "and nothing was said twice" "$(me log '#lobby' --json | jq -r 'select(.kind == "msg") | .text' | sort | uniq -d)" ''

# ---- stale things ----
kill -9 "$(engine)"
has "a dead engine's socket is in nobody's way" "$(me send '#lobby' after)" '#lobby '
pid=$(engine)
rm -f "$T/me/run/"*.sock
has "a socket that was removed is made anew" "$(me send '#lobby' again)" '#lobby '
is "by the same engine" "$(engine)" "$pid"
: >"$T/other.conf"
"$bin/stonechat" --data "$T/me" --config "$T/other.conf" engine status >"$T/out" 2>"$T/err"
is "another configuration on the same data is 2" $? 2
has "and named" "$(cat "$T/err")" "$T/me/config"

# ---- death on the way ----
me sync >/dev/null
from=$(me log '#lobby' -n 1 --json | jq .seq)
seq "$lines" >"$T/in"
"$bin/stonechat" --data "$T/me" tail '#lobby' --since-seq "$from" --count "$lines" --json >"$T/tail" 2>"$T/tail.err" &
tail_pid=$!
"$bin/stonechat" --data "$T/me" send '#lobby' --each-line --timeout 60 <"$T/in" >"$T/sent" 2>"$T/sent.err" &
send_pid=$!
pids="$pids $tail_pid $send_pid"
for part in 1 2 3; do
	want=$((lines * part / 4))
	until_true 60 sh -c "[ \$(wc -l <'$T/sent') -ge $want ]"
	kill -9 "$(engine)"
done
wait $send_pid
is "the sender ends with success, three dead engines later" $? 0
is "it said nothing on standard error" "$(cat "$T/sent.err")" ''
awk -v from="$from" -v n="$lines" 'BEGIN { for (i = 1; i <= n; i++) print "#lobby " from + i }' >"$T/want"
ok "every line was acknowledged once, in order" cmp "$T/sent" "$T/want"
ok "the tail ends by itself" until_true 60 sh -c "! kill -0 $tail_pid"
jq -r .text "$T/tail" >"$T/text"
ok "and saw every line once, in order" cmp "$T/text" "$T/in"

# ---- the configuration changes under it ----
"$bin/stonechatd" --data "$T/me/server" user add bob >"$T/bob.token"
ok "an account is added while the engine runs" me account add other "unix:$T/me/server/sock" --user bob --token-file "$T/bob.token"
has "and used at once" "$(me --account other send '#lobby' 'from bob')" '#lobby '
has "under its own name" "$(me log '#lobby' -n 1)" '<bob> from bob'
printf 'nonsense\n' >>"$T/me/config"
has "a configuration that does not parse is told" "$("$bin/stonechat" --data "$T/me" rooms 2>&1)" 'config:'
ok "the engine goes on with the old one" kill -0 "$(engine)"

# ---- the end ----
printf '[engine]\nlinger = 0\n' >"$T/me/config"
me rooms >/dev/null
me send '#lobby' last >/dev/null
pid=$(engine)
ok "it leaves when nothing is left to do" until_true 10 gone "$pid"
me send '#lobby' more --set engine.stay=true >/dev/null
pid=$(engine)
kill -TERM "$pid"
ok "SIGTERM ends it within 2 s" until_true 3 gone "$pid"

done_testing

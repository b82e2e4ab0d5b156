#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# inject.sh: the n-th write or sync of the engine, or of the server, fails or kills it while a line
# is sent; nothing that was acknowledged is lost, nothing is there twice, and what a person is told
# is a sentence. STONECHAT_EVERY (6): every so many n, 1 for all; STONECHAT_LANES (6) at a time.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/program/lib.sh"
. "$top_srcdir/tests/program/proxy.sh"

if is_sanitised; then
	echo "1..0 # SKIP ASan's leak checker and strace are both tracers"
	exit 0
fi
if ! strace -qq -f --seccomp-bpf -o /dev/null -e trace=fsync true 2>/dev/null; then
	echo "1..0 # SKIP strace may not trace here"
	exit 0
fi
every=${STONECHAT_EVERY:-6}
lanes=${STONECHAT_LANES:-6}

# A program that runs under strace once, when $STONECHAT_ARMED holds its options.
wrap() {
	mkdir -p "$T/wrapped"
	cat >"$T/wrapped/$1" <<END
#!/bin/sh
if mv "\$STONECHAT_ARMED" "\$STONECHAT_ARMED.used" 2>/dev/null; then
	exec strace -qq -f --seccomp-bpf -o "\$STONECHAT_ARMED.trace" \$(cat "\$STONECHAT_ARMED.used") "$bin/$1" "\$@"
fi
exec "$bin/$1" "\$@"
END
	chmod +x "$T/wrapped/$1"
}
wrap stonechat-engine
wrap stonechatd

# is_settled LOG PID: it listens, or it is no more.
is_settled() { grep -q 'listening on' "$1" || gone "$2"; }

# start_server DIR: like serve, wrapped; it may fail to start, then once more.
start_server() {
	: >"$1.log"
	"$T/wrapped/stonechatd" --data "$1" --set rooms.auto_join='#lobby' >>"$1.log" 2>&1 </dev/null &
	started=$!
	until_true 20 is_settled "$1.log" "$started"
	grep -q 'listening on' "$1.log"
}

server_of() { sed -n 's/[^0-9]*\([0-9][0-9]*\).*/\1/p' "$1/ledger.lock" 2>/dev/null | head -n 1; }

# trial LANE SIDE CALL FAULT N: one world, one fault, one line sent.
trial() {
	d=$T/lane$1 side=$2 what="$2: $3 $5 $4"
	rm -rf "$d" && mkdir "$d" && cp -a "$T/model/server" "$T/model/me" "$d/"
	sed -i "s,$T/model,$d," "$d/me/config"
	STONECHAT_ARMED=$d/armed STONECHAT_LIBEXEC=$T/wrapped
	export STONECHAT_ARMED STONECHAT_LIBEXEC
	[ "$side" = engine ] || echo "-e trace=$3 -e inject=$3:$4:when=$5" >"$d/armed"
	start_server "$d/server" || { grep -q '^stonechatd: ..' "$d/server.log" || grep -q Kill "$d/server.log" ||
		[ "$4" = signal=KILL ] || echo "$what: no sentence: $(cat "$d/server.log")"; start_server "$d/server"; }
	[ "$side" = server ] || echo "-e trace=$3 -e inject=$3:$4:when=$5" >"$d/armed"
	chat "$d/me" send '#lobby' "this line" --timeout 20 >"$d/out" 2>"$d/err" </dev/null &
	front=$!
	until gone $front; do
		gone "$(server_of "$d/server")" && start_server "$d/server"
		sleep 0.05
	done
	wait $front
	code=$?
	rm -f "$d/armed"
	murder "$(engine_of "$d/me")"
	case $code in
	0) most=1 least=1; grep -q '^#lobby [0-9]*$' "$d/out" || echo "$what: exit 0, said $(cat "$d/out")" ;;
	75) most=1 least=1 ;;
	1|3|6) most=1 least=0; [ -s "$d/out" ] && echo "$what: exit $code, yet it said $(cat "$d/out")" ;;
	*) most=1 least=0; echo "$what: exit $code" ;;
	esac
	[ $code = 0 ] || grep -q '^stonechat: ...' "$d/err" || echo "$what: exit $code without a sentence"
	murder "$(engine_of "$d/me")" "$(server_of "$d/server")"
	start_server "$d/server" || echo "$what: the server does not start again: $(cat "$d/server.log")"
	chat "$d/me" sync --all >"$d/sync" 2>&1 || echo "$what: sync: $(cat "$d/sync")"
	chat "$d/me" verify >"$d/verify" 2>&1 || echo "$what: verify: $(cat "$d/verify")"
	n=$(texts "$d/me" '#lobby' | grep -c '^this line$')
	[ "$n" -ge $least ] && [ "$n" -le $most ] || echo "$what: exit $code, the line is there $n times: $(cat "$d/err")"
	is_there=$(texts "$d/me" '#lobby' | grep -c '^before$')
	[ "$is_there" = 1 ] || echo "$what: an old line is there $is_there times"
	"$bin/stonechatd" --data "$d/server" check >"$d/check" 2>&1 || echo "$what: check: $(cat "$d/check")"
	echo "$what: exit $code" >>"$T/lane$1.log"
	murder "$(engine_of "$d/me")" "$(server_of "$d/server")"
}

# count SIDE CALL: how often the thread of SIDE that calls it most does so in a session.
count() {
	grep " $2(" "$T/$1.trace" | awk '{ n[$1]++ } END { for (t in n) if (n[t] > most) most = n[t]; print most + 0 }'
}

# ---- the model world, and a session without harm in it ----
calls=pwrite64,fdatasync,fsync,write,sendto
STONECHAT_LIBEXEC=$T/wrapped STONECHAT_ARMED=$T/model/none
export STONECHAT_LIBEXEC STONECHAT_ARMED
mkdir "$T/model"
ok "a server" start_server "$T/model/server"
ok "an account" chat "$T/model/me" account add mine "unix:$T/model/server/sock"
ok "a line" chat "$T/model/me" send '#lobby' before
chat "$T/model/me" engine stop
end "$(server_of "$T/model/server")"
cp -a "$T/model" "$T/dry"
sed -i "s,$T/model,$T/dry," "$T/dry/me/config"
STONECHAT_ARMED=$T/server
echo "-e trace=$calls" >"$T/server"
start_server "$T/dry/server"
STONECHAT_ARMED=$T/engine
echo "-e trace=$calls" >"$T/engine"
ok "a session under strace" chat "$T/dry/me" send '#lobby' dry
murder "$(engine_of "$T/dry/me")" "$(server_of "$T/dry/server")"
until_true 5 test -s "$T/server.trace"

# ---- every fault at every n ----
for side in engine server; do
	for fault in pwrite64:error=EIO pwrite64:error=ENOSPC pwrite64:signal=KILL fdatasync:error=EIO \
		fdatasync:error=ENOSPC fdatasync:signal=KILL fsync:error=EIO fsync:signal=KILL \
		write:signal=KILL sendto:signal=KILL sendto:error=EPIPE; do
		call=${fault%%:*} n=1 most=$(count $side "${fault%%:*}")
		while [ $n -le "$most" ]; do
			echo "$side $call ${fault#*:} $n"
			n=$((n + every))
		done
	done
done >"$T/trials"
lane=0
while [ $lane -lt "$lanes" ]; do
	(
		pids=
		trap - EXIT
		awk -v lanes="$lanes" -v lane=$lane 'NR % lanes == lane' "$T/trials" | while read -r side call fault n; do
			trial $lane $side $call $fault $n </dev/null
		done >"$T/lane$lane.bad" 2>"$T/lane$lane.noise"
	) &
	running="${running-} $!"
	lane=$((lane + 1))
done
wait $running
for side in engine server; do
	for call in pwrite64 fdatasync fsync write sendto; do
		grep -q "^$side $call" "$T/trials" || continue
		is "$side: $call" "$(cat "$T"/lane*.bad | grep "^$side: $call")" ""
	done
done
is "every trial came to its end" "$(cat "$T"/lane*.log | wc -l)" "$(wc -l <"$T/trials")"
is "and nothing else was said" "$(cat "$T"/lane*.bad | grep -v '^[es]')" ""
echo "# $(wc -l <"$T/trials") faults; exit codes: $(sed 's/.*exit/exit/' "$T"/lane*.log | sort | uniq -c | tr -s ' \n' ' ')"

done_testing

#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# quick.sh: instructions (callgrind) and memory against tests/bench/limits; fails on nothing else.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/program/lib.sh"

limits=$top_srcdir/tests/bench/limits
bench=$top_builddir/tests/bench

# check NAME MEASURED: against the limit of that name.
check() {
	tests=$((tests + 1))
	limit=$(awk -v name="$1" '$1 == name { print $2 }' "$limits")
	printf '%-24s %12s  limit %12s\n' "$1" "${2:-?}" "${limit:-?}"
	[ -n "$2" ] && [ -n "$limit" ] && [ "$2" -le "$limit" ] || wrong=$((wrong + 1))
}

# instructions COMMAND…
instructions() {
	valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>&1 >/dev/null |
		sed -n 's/.*Collected : *\([0-9]*\).*/\1/p' | head -n 1
}

# peak PID: the most memory it ever had, in kB.
peak() { sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$1/status"; }

engine_pid() { sed -n 's/^pid[= ]*//p' "$(find "$T/ann" -name engine.lock | head -n 1)" | head -n 1; }

check wire "$(instructions "$bench/work" wire)"
check text "$(instructions "$bench/work" text)"
check version "$(instructions "$bin/stonechat" --version)"

awk 'BEGIN { for (i = 1; i <= 50000; i++) print "line " i ": the canary shows p99 at 900 ms" }' >"$T/in"
echo hello | chat "$T/ann" send '#lobby' - >/dev/null
"$bin/stonechat" --data "$T/ann" send '#lobby' --each-line --timeout 50 <"$T/in" >/dev/null &
front=$!
pids="$pids $front"
front_kb=0
while kill -0 "$front" 2>/dev/null; do
	kb=$(peak "$front" 2>/dev/null)
	[ "${kb:-0}" -le "$front_kb" ] || front_kb=$kb
	sleep 0.1
done
wait "$front" || wrong=$((wrong + 1))
check front-kB "$front_kb"
check engine-kB "$(peak "$(engine_pid)")"
check log "$(instructions "$bin/stonechat" --data "$T/ann" --offline log '#lobby' -n 1000 --json)"
"$bench/bench_server" "$bin/stonechatd" "$bench/bare" "$bench/relay" "$bench/clerk" idle || wrong=$((wrong + 1))
[ "$wrong" = 0 ]

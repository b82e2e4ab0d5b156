#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# pipes.sh: standard input, output and error closed, full, cut off; signals; who is left behind.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/program/lib.sh"

data=$T/ann
: >"$T/in"

# ends NAME PID CODE: a child ends within 5 s, with this status.
ends() {
	until_true 5 sh -c "! kill -0 $2 || grep -q '^State:.Z' /proc/$2/status" || kill -9 "$2"
	wait "$2"
	is "$1" "$?" "$3"
}

# follow [ARGUMENTS…]: a tail in the background that has begun to follow; its pid is in $tail.
follow() {
	rm -f "$T/tail.err"
	"$bin/stonechat" --data "$data" -v tail '#lobby' "$@" >"$T/tail.out" 2>"$T/tail.err" </dev/null &
	tail=$!
	pids="$pids $tail"
	until_true 10 grep -q following "$T/tail.err"
}

# The engine and the server that are started must not hold the pipe of the substitution.
is "x=\$(stonechat send …) comes back" "$(chat "$data" send '#lobby' hello <"$T/in" | sed 's/ .*//')" '#lobby'
engine=$(sed -n 's/^pid=//p' "$data/engine.lock")
is "the engine has 0, 1 and 2 on /dev/null" "$(readlink "/proc/$engine/fd/0" "/proc/$engine/fd/1" "/proc/$engine/fd/2" | uniq)" /dev/null
is "the engine stands in the root folder" "$(readlink "/proc/$engine/cwd")" /

# ---- descriptors that are closed ----
gives "standard input closed, with words" 0 sh -c "'$bin/stonechat' --data '$data' send '#lobby' hi <&-"
gives "standard input closed, without words" 2 sh -c "'$bin/stonechat' --data '$data' send '#lobby' <&-"
gives "standard input closed, with -" 2 sh -c "'$bin/stonechat' --data '$data' send '#lobby' - <&-"
gives "standard output closed" 1 sh -c "'$bin/stonechat' --data '$data' log '#lobby' >&-"
gives "standard error closed" 3 sh -c "'$bin/stonechat' --data '$data' send '#nope' x 2>&-"
gives "all closed, with a new engine" 0 sh -c "'$bin/stonechat' --data '$data' engine restart <&- >&- 2>&-"
gives "the server: all closed" 2 sh -c "'$bin/stonechatd' --data '$data/server' user token nobody <&- >&- 2>&-"

# ---- a full disk ----
for command in "log #lobby" rooms "send #lobby x" "config list" "status" "completion bash" "--help" "--version"; do
	# shellcheck disable=SC2086
	gives "$command to a full disk" 1 sh -c "'$bin/stonechat' --data '$data' \"\$@\" >/dev/full" sh $command
	has "$command to a full disk: says so" "$err" 'No space left'
done

# ---- a closed pipe ----
mkfifo "$T/fifo"
"$bin/stonechat" --data "$data" -v tail '#lobby' >"$T/fifo" 2>"$T/tail.err" </dev/null &
tail=$!
pids="$pids $tail"
exec 7<"$T/fifo"
until_true 10 grep -q following "$T/tail.err"
exec 7<&-
ends "a closed pipe ends tail, though nothing is said" $tail 141
is "a closed pipe ends quietly" "$(grep -v following "$T/tail.err")" ""
awk 'BEGIN { for (i = 0; i < 3000; i++) printf "line %d of a conversation that is longer than a pipe\n", i }' >"$T/long"
gives "a long conversation" 0 sh -c "'$bin/stonechat' --data '$data' send '#lobby' --each-line <'$T/long' >/dev/null"
{ "$bin/stonechat" --data "$data" log '#lobby' 2>"$T/log.err"; echo $? >"$T/log.code"; } | head -n 1 >/dev/null
is "a closed pipe ends log" "$(cat "$T/log.code")" 141
is "a closed pipe ends log quietly" "$(cat "$T/log.err")" ""

# ---- signals ----
for signal in INT/130 TERM/143 HUP/129; do
	follow
	kill -"${signal%/*}" "$tail"
	ends "${signal%/*} ends tail" $tail "${signal#*/}"
done
mkfifo "$T/lines"
"$bin/stonechat" --data "$data" send '#lobby' --each-line <"$T/lines" >"$T/sent" 2>"$T/sent.err" &
sender=$!
pids="$pids $sender"
exec 8>"$T/lines"
printf 'signal one\nsignal two\nsignal th' >&8
until_true 10 sh -c "[ \$(wc -l <'$T/sent') -ge 2 ]"
kill -TERM "$sender"
ends "TERM ends send --each-line" $sender 143
exec 8>&-
ok "what was read is durable" until_true 10 sh -c "'$bin/stonechat' --data '$data' --offline log '#lobby' -n 1 | grep -q 'signal two'"

# ---- standard input that is slow ----
mkfifo "$T/slow"
"$bin/stonechat" --data "$data" send '#lobby' <"$T/slow" >"$T/sent" 2>"$T/sent.err" &
sender=$!
pids="$pids $sender"
exec 8>"$T/slow"
ok "after a second of silence it says what it waits for" until_true 10 grep -q 'no-stdin' "$T/sent.err"
echo slow >&8
exec 8>&-
ends "and sends what comes then" $sender 0

done_testing

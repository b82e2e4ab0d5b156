#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# crash.sh: people talk through a proxy that harms every other connection, while their engines, the
# server and one sender are killed at random moments; then everything is there, once, in order and
# equal everywhere. STONECHAT_SECONDS (5) of it; STONECHAT_SEED decides what happens (random); a run
# that fails says its seed and keeps its folder.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/program/lib.sh"
. "$top_srcdir/tests/program/proxy.sh"

seconds=${STONECHAT_SECONDS:-5}
seed=${STONECHAT_SEED:-$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')}
keep=${TMPDIR:-/tmp}/stonechat-crash-$seed-$$
echo "# seed $seed, $seconds s"

# roll N: sets dice to one of 0 … N-1.
state=$seed
roll() {
	state=$(((state * 1103515245 + 12345) & 0x7fffffff))
	dice=$(((state >> 8) % $1))
}

# streamer NAME: batches of numbered lines, until $T/over exists; what was read goes to NAME.said,
# what was acknowledged to NAME.acked, as "SEQ TEXT".
streamer() {
	n=0
	while [ -d "$T" ] && [ ! -e "$T/over" ]; do
		seq -f "$1 %g" $((n + 1)) $((n + 20)) >"$T/$1.in"
		chat "$T/$1" send '#lobby' --each-line --timeout 120 <"$T/$1.in" >"$T/$1.out" 2>>"$T/$1.err"
		code=$?
		cat "$T/$1.in" >>"$T/$1.said"
		n=$((n + 20))
		case $code in
		0) sed 's/^#lobby //' "$T/$1.out" | paste -d ' ' - "$T/$1.in" >>"$T/$1.acked" ;;
		75) ;;
		*) echo "lines to $n: exit $code" >>"$T/$1.bad" ;;
		esac
	done
}

# repeater NAME: one message at a time under a number of its own; the command is killed now and then
# and said again until it ends well.
repeater() {
	n=0
	while [ -d "$T" ] && [ ! -e "$T/over" ]; do
		n=$((n + 1))
		cid=$(printf '00000000-0000-7000-8000-%012x' $n)
		code=1
		while [ -d "$T" ] && [ $code != 0 ]; do
			"$bin/stonechat" --data "$T/$1" send '#lobby' "$1 $n" --cid "$cid" --timeout 120 \
				</dev/null >"$T/$1.out" 2>>"$T/$1.err" &
			echo $! >"$T/$1.front"
			wait $!
			code=$?
			case $code in
			0) ;;
			137) echo killed >>"$T/$1.fronts" ;;
			75) code=0 ;;
			*) echo "$n: exit $code" >>"$T/$1.bad"; code=0 ;;
			esac
		done
		echo "$1 $n" >>"$T/$1.said"
		sed -n "s/^#lobby \(.*\)/\1 $1 $n/p" "$T/$1.out" >>"$T/$1.acked"
	done
}

serve_again() { serve "$T/server" --set rooms.auto_join='#lobby'; }

# ---- the people ----
serve_again || exit 1
through door "unix:$T/server/sock" "random $seed" || exit 1
people="ann bob cat"
for who in $people dan; do
	(umask 077; "$bin/stonechatd" --data "$T/server" user add $who >"$T/$who.token")
	chat "$T/$who" account add mine "unix:$T/server/sock" --user $who --token-file "$T/$who.token" &&
		chat "$T/$who" sync || { echo "Bail out! no account for $who"; exit 1; }
	[ $who = dan ] || chat "$T/$who" config set 'account mine.url' "$proxy_at"
	: >"$T/$who.said" && : >"$T/$who.acked" && : >"$T/$who.bad" && : >"$T/$who.fronts"
done
(pids=; trap - EXIT; streamer ann) &
writers=$!
(pids=; trap - EXIT; streamer bob) &
writers="$writers $!"
(pids=; trap - EXIT; repeater cat) &
writers="$writers $!"

# ---- the harm ----
engines=0 servers=0 fronts=0 drops=0
until_over=$(($(date +%s) + seconds))
while [ "$(date +%s)" -lt $until_over ]; do
	roll 400
	sleep "0.$(printf %03d "$dice")"
	roll 10
	case $dice in
	0|1) murder "$(engine_of "$T/ann")"; engines=$((engines + 1)) ;;
	2|3) murder "$(engine_of "$T/bob")"; engines=$((engines + 1)) ;;
	4|5) murder "$(engine_of "$T/cat")"; engines=$((engines + 1)) ;;
	6) murder "$(cat "$T/cat.front" 2>/dev/null)"; fronts=$((fronts + 1)) ;;
	7) kill -USR1 "$proxy"; drops=$((drops + 1)) ;;
	*) murder "$server"; servers=$((servers + 1)); serve_again || exit 1 ;;
	esac
done
: >"$T/over"

# ---- calm: what was queued must go now ----
harm=$(grep -c struck "$proxy_log")
end "$proxy"
through door "unix:$T/server/sock" pass || exit 1
wait $writers
for who in $people dan; do
	ok "$who is up to date at last" until_true 90 chat "$T/$who" sync --all
	is "$who has nothing left" "$(chat "$T/$who" outbox)" ""
	ok "$who's mirror is what the server has" chat "$T/$who" verify
	identity "$T/$who" '#lobby' >"$T/$who.log"
done
for who in $people; do
	is "$who's commands ended as they should" "$(cat "$T/$who.bad")" ""
	jq -r --arg u $who 'select(.[2] == $u) | .[3]' "$T/dan.log" >"$T/$who.heard"
	ok "every line of $who is there once, in order" diff "$T/$who.said" "$T/$who.heard"
	jq -r --arg u $who 'select(.[2] == $u) | "\(.[0]) \(.[3])"' "$T/dan.log" >"$T/$who.numbered"
	is "what was acknowledged to $who is where it was said to be" \
		"$(awk 'NR == FNR { has[$0] = 1; next } !has[$0]' "$T/$who.numbered" "$T/$who.acked")" ""
	ok "$who has the same log as one who looked on" cmp "$T/$who.log" "$T/dan.log"
done
is "the server's log is whole" "$("$bin/stonechatd" --data "$T/server" check >/dev/null 2>&1; echo $?)" 0
echo "# $engines engines, $servers servers, $fronts fronts killed; $harm connections harmed, $drops times all dropped; $(cat "$T"/*.said | wc -l) lines, $(cat "$T"/*.acked | wc -l) acknowledged to a command"

done_testing

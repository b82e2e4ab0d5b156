#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# cut.sh: the connection is cut after every byte of a whole session, in either direction; each time
# the lines arrive once, in order. STONECHAT_STEP (61; under ASan 251): bytes from one cut to the
# next, 1 for all; STONECHAT_LANES (16): people who are cut at the same time.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/program/lib.sh"
. "$top_srcdir/tests/program/proxy.sh"

is_sanitised && step=251 || step=61
step=${STONECHAT_STEP:-$step}
lanes=${STONECHAT_LANES:-16}

# say DATA WORD: three lines in one session.
say() {
	printf '%s a\n%s b\n%s c\n' "$2" "$2" "$2" | chat "$1" send '#lobby' --each-line
}

# person NAME URL: an account of its own, by token, that knows what there is.
person() {
	(umask 077; "$bin/stonechatd" --data "$T/server" user add "$1" >"$T/$1.token") &&
		chat "$T/$1" account add mine "$2" --user "$1" --token-file "$T/$1.token" &&
		chat "$T/$1" sync
}

# spoken DATA USER: what the mirror holds of that person's.
spoken() {
	chat "$1" --offline log '#lobby' --json | jq -r --arg u "$2" 'select(.kind == "msg" and .from == $u) | .text'
}

# sweep LANE UP DOWN: every lanes-th cut; the engine is new each time, so a cut is of a whole session.
sweep() {
	me=lane$1 lane=$1
	person "$me" "ws://127.0.0.1:$port" || return 1
	set -- "up $2" "down $3"
	: >"$T/$me.want"
	for part; do
		way=${part% *} most=${part#* }
		through "$me.$way" "$port" "cut $way $((lane * step))+$((lanes * step))" pass || return 1
		murder "$(engine_of "$T/$me")"
		chat "$T/$me" config set 'account mine.url' "$proxy_at" || return 1
		at=$((lane * step))
		while [ "$at" -le "$most" ]; do
			say "$T/$me" "$way $at" >/dev/null || { echo "$way $at: exit $?"; return 1; }
			printf '%s a\n%s b\n%s c\n' "$way $at" "$way $at" "$way $at" >>"$T/$me.want"
			murder "$(engine_of "$T/$me")"
			at=$((at + lanes * step))
		done
		grep -c struck "$proxy_log" >>"$T/$me.cuts"
		end "$proxy"
	done
	chat "$T/$me" config set 'account mine.url' "ws://127.0.0.1:$port" && chat "$T/$me" sync
}

serve "$T/server" --listen 127.0.0.1:0 --set rooms.auto_join='#lobby' --set limits.rate=0 || exit 1
port=$(sed -n 's/.*listening on ws:..127\.0\.0\.1:\([0-9]*\).*/\1/p' "$server_log")

through whole "$port" pass || exit 1
ok "an account" person ann "$proxy_at"
ok "a session without harm" say "$T/ann" "x 1000"
murder "$(engine_of "$T/ann")"
ok "another one, that begins where the first one ended" say "$T/ann" "x 1001"
murder "$(engine_of "$T/ann")"
ok "it is over" until_true 5 sh -c "[ \$(grep -c ' end ' '$proxy_log') -ge 2 ]"
up=$(sed -n 's/.* end up \([0-9]*\) .*/\1/p' "$proxy_log" | tail -n 1)
down=$(sed -n 's/.* end .*down \([0-9]*\)$/\1/p' "$proxy_log" | tail -n 1)
end "$proxy"
echo "# a session is $up bytes up, $down bytes down; a cut every $step bytes"

lane=0
while [ $lane -lt "$lanes" ]; do
	(pids=; trap - EXIT; sweep $lane "$up" "$down" >"$T/lane$lane.out" 2>&1; echo $? >"$T/lane$lane.code") &
	sweeps="${sweeps-} $!"
	lane=$((lane + 1))
done
wait $sweeps

murder "$(engine_of "$T/ann")"
chat "$T/ann" config set 'account mine.url' "ws://127.0.0.1:$port"
chat "$T/ann" sync --all >/dev/null 2>&1
texts "$T/ann" '#lobby' >"$T/all"
lane=0
while [ $lane -lt "$lanes" ]; do
	is "lane $lane: every send ends well" "$(cat "$T/lane$lane.code") $(cat "$T/lane$lane.out")" "0 "
	spoken "$T/lane$lane" lane$lane >"$T/got"
	ok "lane $lane: every line once and in order" diff "$T/lane$lane.want" "$T/got"
	lane=$((lane + 1))
done
is "everybody's lines are on the server, once" "$(wc -l <"$T/all")" "$(($(cat "$T"/lane*.want | wc -l) + 6))"
is "the server's log is whole" "$("$bin/stonechatd" --data "$T/server" check >/dev/null 2>&1; echo $?)" 0
cuts=$(cat "$T"/lane*.cuts | awk '{ n += $1 } END { print n }')
echo "# $cuts cuts, $(cat "$T"/lane*.want | wc -l) lines"
ok "the connection was cut as often as there were sessions, nearly" \
	test "$cuts" -ge $(((up + down) / step - 2 * lanes))

done_testing

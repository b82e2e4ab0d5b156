#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# pipe.sh: a long log goes through `send --each-line` while another person follows it, with the
# server killed under both; then both read it back offline.
# STONECHAT_LINES (5000) lines; STONECHAT_KILLS (5) kills.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/program/lib.sh"

lines=${STONECHAT_LINES:-5000}
kills=${STONECHAT_KILLS:-5}

# Real text where there is some, made text else: no CR, no NUL, no empty line, valid UTF-8.
log_text() {
	{
		find /usr/share/doc -name 'changelog*.gz' 2>/dev/null | sort | xargs -r zcat 2>/dev/null
		awk 'BEGIN { for (i = 1; i <= 50000; i++) printf "  * line %d: Größe %d, 東京 and 👩‍👩‍👧 \\ \"q\" \t tab\n", i, i * 7 }'
	} | iconv -c -f UTF-8 -t UTF-8 | tr -d '\r\000' | grep . | head -n "$1"
}

# The text of every message of #lobby in a data folder, without any network, one a line.
read_back() {
	chat "$1" --offline log '#lobby' --json | jq -r 'select(.kind == "msg") | .text'
}

# A second person on ann's server: NAME DATA.
second_person() {
	"$bin/stonechatd" --data "$T/ann/server" user add "$1" >"$T/$1.token"
	chmod 600 "$T/$1.token"
	chat "$2" account add mine "unix:$T/ann/server/sock" --user "$1" --token-file "$T/$1.token"
}

server_pid() { sed -n 's/[^0-9]*\([0-9][0-9]*\).*/\1/p' "$T/ann/server/ledger.lock" | head -n 1; }

log_text "$lines" >"$T/in"
is "there is a log of $lines lines" "$(wc -l <"$T/in" | tr -d ' ')" "$lines"

first=$(echo hello | chat "$T/ann" send '#lobby' -)
has "the first message starts everything and is acknowledged" "$first" '#lobby '
ok "a second person is made on the running server" second_person bob "$T/bob"
ok "bob sees the room" until_true 20 sh -c "'$bin/stonechat' --data '$T/bob' rooms | grep -q lobby || '$bin/stonechat' --data '$T/bob' sync"

# The newest seq of #lobby on ann's side: joining people take numbers too.
newest() { chat "$T/ann" log '#lobby' -n 1 --json | jq .seq; }

# want_acks FROM: what send prints for the lines when the newest seq before was FROM.
want_acks() { awk -v from="$1" -v n="$lines" 'BEGIN { for (i = 1; i <= n; i++) print "#lobby " from + i }'; }

# ---- once, undisturbed ----
from=$(newest)
"$bin/stonechat" --data "$T/bob" tail '#lobby' --since-seq $from --count "$lines" --json >"$T/bob.tail" 2>"$T/bob.err" &
tail_pid=$!
pids="$pids $tail_pid"
ok "ann pipes the log" sh -c "'$bin/stonechat' --data '$T/ann' send '#lobby' --each-line <'$T/in' >'$T/sent' 2>'$T/sent.err'"
want_acks "$from" >"$T/want.sent"
ok "every line is acknowledged, in order" cmp "$T/sent" "$T/want.sent"
ok "bob's tail ends by itself" until_true 60 sh -c "! kill -0 $tail_pid"
jq -r .text "$T/bob.tail" >"$T/bob.text"
ok "bob saw every line once, in order" cmp "$T/bob.text" "$T/in"

# ---- the same, the server killed meanwhile ----
from=$((from + lines))
"$bin/stonechat" --data "$T/bob" tail '#lobby' --since-seq $from --count "$lines" --json >"$T/bob.tail2" 2>"$T/bob.err2" &
tail_pid=$!
pids="$pids $tail_pid"
"$bin/stonechat" --data "$T/ann" send '#lobby' --each-line --timeout 120 <"$T/in" >"$T/sent2" 2>"$T/sent2.err" &
send_pid=$!
pids="$pids $send_pid"
killed=0
while [ "$killed" -lt "$kills" ] && kill -0 "$send_pid" 2>/dev/null; do
	want=$((lines * (killed + 1) / (kills + 1)))
	until_true 60 sh -c "[ \$(wc -l <'$T/sent2') -ge $want ] || ! kill -0 $send_pid" || break
	kill -0 "$send_pid" 2>/dev/null || break
	kill -9 "$(server_pid)" && killed=$((killed + 1))
done
ok "the server was killed while lines were on their way" [ "$killed" -ge 1 ]
wait "$send_pid"
is "the sender still ends with success" "$?" 0
want_acks "$from" >"$T/want.sent2"
ok "every line is acknowledged once, in order" cmp "$T/sent2" "$T/want.sent2"
ok "bob's tail ends by itself, through $killed kills" until_true 120 sh -c "! kill -0 $tail_pid"
jq -r .text "$T/bob.tail2" >"$T/bob.text2"
ok "bob saw every line once, in order, through the kills" cmp "$T/bob.text2" "$T/in"

# ---- offline ----
{ echo hello; cat "$T/in" "$T/in"; } >"$T/all"
end "$(server_pid)"
chat "$T/ann" --offline log '#lobby' -n 1 >/dev/null
read_back "$T/ann" >"$T/ann.back"
ok "ann reads the same bytes back offline" cmp "$T/ann.back" "$T/all"
read_back "$T/bob" >"$T/bob.back"
tail -n $((lines * 2)) "$T/all" >"$T/all.bob"
tail -n $((lines * 2)) "$T/bob.back" >"$T/bob.back.end"
ok "bob reads the same bytes back offline" cmp "$T/bob.back.end" "$T/all.bob"

done_testing

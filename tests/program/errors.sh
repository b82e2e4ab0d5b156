#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# errors.sh: what goes wrong for a person, each with one plain sentence and the exit code of the
# manual.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/program/lib.sh"

# fails NAME CODE SENTENCE-PART ARGUMENTS…: runs stonechat on $data, stdin from $T/stdin.
fails() {
	name=$1 code=$2 part=$3
	shift 3
	"$bin/stonechat" --data "$data" "$@" <"$T/stdin" >"$T/out" 2>"$T/err"
	is "$name: exit $code" "$?" "$code"
	has "$name: says so" "$(cat "$T/err")" "$part"
	is "$name: nothing on standard output" "$(cat "$T/out")" ""
}

: >"$T/stdin"
ok "a server with a TCP port starts" serve "$T/server" --listen 127.0.0.1:0 --listen "unix:$T/server/sock" --set rooms.auto_join='#lobby'
url=$(sed -n 's/.*listening on \(ws:[^ ]*\).*/\1/p' "$server_log")
token() { "$bin/stonechatd" --data "$T/server" user add "$1" >"$T/$1.token" && chmod 600 "$T/$1.token"; }
token bob && token eve
ok "a private room is made" "$bin/stonechatd" --data "$T/server" room create '#secret'

data=$T/bob
ok "bob's account is added" chat "$data" account add work "$url" --user bob --token-file "$T/bob.token"
ok "bob is heard" sh -c "'$bin/stonechat' --data '$data' send '#lobby' hello </dev/null"

fails "unknown command" 2 'sned' sned '#lobby' hi
fails "unknown option" 2 '--sinec' log '#lobby' --sinec 2h
fails "unknown room" 3 '#nowhere' send '#nowhere' hi
fails "no permission" 3 'invite' join '#secret'
fails "unknown account" 2 'home' --account home rooms
fails "empty message" 2 'empty' send '#lobby' -
head -c 40000 /dev/zero | tr '\0' x >"$T/stdin"
fails "message over the limit" 2 '32768 bytes' send '#lobby' -
printf 'a\377b' >"$T/stdin"
fails "bytes that are no UTF-8" 2 'byte 1' send '#lobby' -
: >"$T/stdin"

data=$T/liar
printf 'wrongwrongwrongwrongwrongwrongwrongwrongwro\n' >"$T/liar.token"
chmod 600 "$T/liar.token"
ok "an account with a wrong token is added" chat "$data" account add work "$url" --user bob --token-file "$T/liar.token"
fails "wrong token" 4 'token' send '#lobby' hi

data=$T/bob
end "$server"
fails "server gone: a question to it" 6 '' join '#other'
"$bin/stonechat" --data "$data" send '#lobby' later --timeout 1 <"$T/stdin" >"$T/out" 2>"$T/err"
is "server gone: a send is queued, exit 75" "$?" 75
has "server gone: it says that it is queued" "$(cat "$T/err")" queued
has "server gone: the outbox shows it" "$(chat "$data" outbox)" later
has "server gone: history is still read" "$(chat "$data" --offline log '#lobby')" hello

done_testing

#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# offline.sh: --offline is a mode: nothing of the network runs, everything is kept and goes out later.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/program/lib.sh"

me() { chat "$T/me" "$@"; }
status() { "$@" >"$T/out" 2>"$T/err"; echo $?; }
sockets() { find "$T/me" -type s | sort | sed "s,.*/,,"; }

is "a first send offline, to a room that nobody has seen, is 6" "$(status me --offline send '#lobby' x)" 6
ok "no server was started" [ ! -e "$T/me/server" ]
is "sync is 6" "$(status me --offline sync)" 6

has "online, the first message is heard" "$(me send '#lobby' one)" '#lobby '
ok "the engine stops" me engine stop
end "$(tr -dc 0-9 <"$T/me/server/ledger.lock")"
is "offline, a send is queued" "$(status me --offline send '#lobby' two)" 75
has "which is said" "$(cat "$T/err")" queued
is "nothing was printed" "$(cat "$T/out")" ''
is "another one" "$(printf 'three\nfour\n' | status me --offline send '#lobby' --each-line)" 75
is "the outbox has them in order" "$(me outbox --json | jq -r .text | tr '\n' ' ')" 'two three four '
is "no server runs" "$(readlink "/proc/$(tr -dc 0-9 <"$T/me/server/ledger.lock")/exe")" ''
has "the engine says so" "$(me --offline engine status)" 'network off'
has "history is read" "$(me --offline log '#lobby')" '> one'
is "back-fill asks nobody" "$(me --offline log '#lobby' -n 1 --json | jq -r .text)" one
is "a dropped row goes" "$(me --offline outbox drop "$(me outbox --json | jq -r 'select(.text == "three") | .cid')"; me outbox --json | jq -r .text | tr '\n' ' ')" 'two four '

ok "a command without --offline sends them" me sync
is "once, in order" "$(me log '#lobby' --json | jq -r 'select(.kind == "msg") | .text' | tr '\n' ' ')" 'one two four '
is "beside an online engine an offline send is queued" "$(status me --offline send '#lobby' five)" 75
ok "and delivered by the engine" until_true 10 sh -c "'$bin/stonechat' --data '$T/me' --offline log '#lobby' | grep -q five"

# A server that is away without --offline.
ok "an account on a server that is away" me account add far ws://127.0.0.1:1
is "a room of it that nobody has seen is 6" "$(status me --account far send '#x' hi --timeout 1)" 6

done_testing

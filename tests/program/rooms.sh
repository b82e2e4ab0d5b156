#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# rooms.sh: rooms, members, join, create, leave, invite, topic, msg, me, read and unread between two
# people.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/program/lib.sh"

ann() { chat "$T/ann" "$@" </dev/null; }
bob() { chat "$T/bob" "$@" </dev/null; }

gives "ann begins" 0 ann send '#lobby' hello
me=$(ann members '#lobby' --json | jq -r .user)
"$bin/stonechatd" --data "$T/ann/server" user add bob --name 'Bob B.' >"$T/token"
chmod 600 "$T/token"
gives "bob's account" 0 bob account add mine "unix:$T/ann/server/sock" --user bob --token-file "$T/token"
gives "bob catches up" 0 bob sync
is "bob is a member of #lobby" "$(bob rooms --json | jq -r .name)" '#lobby'

gives "create" 0 ann create '#ops' --topic 'what burns'
is "create prints the room" "$out" '#ops'
is "the topic is a record, too" "$(ann log '#ops' --json | jq -r 'select(.kind == "topic") | .text')" 'what burns'
gives "create of a taken name" 3 ann create '#ops'
has "a taken name is said" "$err" '#ops'
gives "create of a bad name" 2 ann create '#Bad Name'
gives "create of no room" 2 ann create ops
is "rooms --json has the topic" "$(ann rooms --json | jq -r 'select(.name == "#ops") | .topic')" 'what burns'
is "rooms --json has its members" "$(ann rooms --json | head -n 1 | jq -c keys)" \
	'["account","conv","kind","mentions","name","topic","unread"]'
gives "topic" 0 ann topic '#ops' a new topic
is "rooms shows the new topic" "$(ann rooms --json | jq -r 'select(.name == "#ops") | .topic')" 'a new topic'
is "a topic record has its text" "$(ann --offline log '#ops' -n 1 --json | jq -r .text)" 'a new topic'

gives "join uninvited" 3 bob join '#ops'
has "join uninvited: the room is named" "$err" '#ops'
gives "join an unknown room" 3 bob join '#nope'
gives "a stranger's log" 3 bob log '#ops'
gives "a stranger's send" 3 bob send '#ops' hi
gives "invite nobody" 3 ann invite '#ops' @nobody
has "invite nobody: the user is named" "$err" '@nobody'
gives "invite" 0 ann invite '#ops' @bob
gives "join when invited" 0 bob join '#ops'
gives "join again" 0 bob join '#ops'
gives "create public" 0 ann create '#pub' --public --json
is "create --json" "$(echo "$out" | jq -c keys)" '["account","conv","name"]'
gives "join a public room" 0 bob join '#pub'
is "members --json" "$(ann members '#ops' --json | jq -c '[.user, .name, .role]' | sort | tr '\n' ' ')" \
	"$(printf '["%s","%s","owner"]\n["bob","Bob B.","member"]\n' "$me" "$me" | sort | tr '\n' ' ')"

gives "msg" 0 bob msg "@$me" hello ann
is "msg prints the person and the number" "${out% *}" "@$me"
gives "msg to a room" 2 bob msg '#ops' hello
gives "me" 0 bob me '#ops' waves
gives "ann writes" 0 ann send '#ops' anybody there
gives "an answer" 0 bob send '#ops' --reply "${out#* }" me
gives "a mention" 0 bob send '#ops' "look, @$me"
ok "ann hears all" until_true 20 sh -c "'$bin/stonechat' --data '$T/ann' --offline log '#ops' -n 1 | grep -q look,"
has "me in a log" "$(ann --offline log '#ops' -n 4)" '* bob waves'
is "unread --json" "$(ann unread --json | jq -c '[.name, .unread, .mentions]' | sort | tr '\n' ' ')" '["#ops",3,2] ["@bob",1,1] '
is "unread --count is one number" "$(ann unread --count)" 4
gives "ann's engine restarts" 0 ann engine restart
gives "ann catches up" 0 ann sync
is "the server counts the same" "$(ann unread --json | jq -c '[.name, .unread, .mentions]' | sort | tr '\n' ' ')" '["#ops",3,2] ["@bob",1,1] '
gives "read up to a number" 0 ann read @bob 1
gives "read" 0 ann read '#ops'
is "read marks" "$(ann unread --json | jq -r .name)" '@bob'
gives "read something that is no number" 2 ann read '#ops' x

gives "tail of two, one unknown" 3 bob tail '#ops' '#nope' -n 1 --count 2
is "tail of two, one unknown: nothing is printed" "$out" ""

gives "leave" 0 bob leave '#ops'
is "a room that was left is no more listed" "$(bob rooms --json | jq -r .name | grep -c ops)" 0
gives "send where one left" 3 bob send '#ops' hi
gives "its history stays" 0 bob --offline log '#ops'
has "its history" "$out" "look,"
gives "leave an unknown room" 3 bob leave '#nope'
is "nothing of this is queued" "$(ann outbox; bob outbox)" ""

done_testing

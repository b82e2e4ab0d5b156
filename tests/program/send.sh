#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# send.sh: send, edit, delete, react and outbox, as the manual tells them.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/program/lib.sh"

# run NAME CODE ARGUMENTS…: stonechat on $data with standard input from $T/in.
run() {
	what=$1 wanted=$2
	shift 2
	gives "$what" "$wanted" chat "$data" "$@" <"$T/in"
}

# last FILTER: of the newest message of #lobby.
last() { chat "$data" --offline log '#lobby' -n 1 --json | jq -r "$1"; }

data=$T/ann
: >"$T/in"
printf 'first\n' >"$T/in"
run "a pipe is one message" 0 send '#lobby'
first=${out#\#lobby }
printf 'two\nlines\n\n' >"$T/in"
run "- is standard input" 0 send '#lobby' -
is "one final newline is dropped" "$(last '.text | @json')" '"two\nlines\n"'

run "words win over standard input" 0 send '#lobby' some words
is "words are joined" "$(last .text)" "some words"
run "-- ends the options" 0 send '#lobby' -- --no-wait
is "an option behind -- is text" "$(last .text)" "--no-wait"
run "--json" 0 send '#lobby' x --json
is "--json gives the documented object" "$(echo "$out" | jq -c keys)" '["cid","conv","dup","id","name","seq"]'

: >"$T/in"
run "empty standard input" 2 send '#lobby'
run "an empty word" 2 send '#lobby' ''
run "no text and no standard input" 2 --no-stdin send '#lobby'
run "no such target" 2 send '#' x
run "an unknown person" 3 send @nobody x
has "an unknown person is named" "$err" '@nobody'
is "nothing of this is queued" "$(chat "$data" outbox)" ""

# --cid
cid=6f1c2a10-7c1e-4b8e-9a51-2f0d3c4b5a69
run "--cid" 0 send '#lobby' once --cid $cid
once=$out
run "--cid again" 0 send '#lobby' once --cid $cid
is "--cid again is the same message" "$out" "$once"
run "--cid again, --json" 0 send '#lobby' once --cid $cid --json
is "--cid again is a duplicate" "$(echo "$out" | jq .dup)" true
run "--cid with another text" 3 send '#lobby' other --cid $cid
run "a --cid that is no UUID" 2 send '#lobby' x --cid 6F1C2A10-7C1E-4B8E-9A51-2F0D3C4B5A69
run "--cid with --each-line" 2 send '#lobby' --each-line --cid $cid

# replies and changes name a message by number or id
run "--reply by number" 0 send '#lobby' --reply "$first" answer
id=$(chat "$data" --offline log '#lobby' --json --from-seq "$first" --to-seq "$first" | jq -r .id)
is "--reply by number holds the id" "$(last .reply)" "$id"
run "--reply by id" 0 send '#lobby' --reply "$id" answer
is "--reply by id holds it" "$(last .reply)" "$id"
printf 'l1\nl2\n' >"$T/in"
run "--reply with --each-line" 0 send '#lobby' --reply "$first" --each-line
is "--reply with --each-line holds the id" "$(last .reply)" "$id"
: >"$T/in"
run "--reply to an unknown number" 3 send '#lobby' --reply 99999 answer
has "an unknown number is named" "$err" 99999
run "edit by number" 0 edit '#lobby' "$first" changed
run "edit by id" 0 edit '#lobby' "$id" changed again
is "an edit shows" "$(chat "$data" --offline log '#lobby' --from-seq "$first" --to-seq "$first" --json | jq -c '[.text, .edited]')" '["changed again",true]'
run "edit of an unknown message" 3 edit '#lobby' 99999 x
run "an empty edit" 2 edit '#lobby' "$first" ''
run "react" 0 react '#lobby' "$first" 👍
run "react --off" 0 react '#lobby' "$first" 👍 --off
run "a reaction of two signs" 2 react '#lobby' "$first" ab
run "delete" 0 delete '#lobby' "$first"
run "delete twice" 0 delete '#lobby' "$first"
is "a deleted message has no text" "$(chat "$data" --offline log '#lobby' --from-seq "$first" --to-seq "$first" --json | jq -c '[.text, .deleted]')" '["",true]'
run "edit after delete" 3 edit '#lobby' "$first" x

# bad bytes and sizes
printf 'ab\377c' >"$T/in"
run "invalid UTF-8" 2 send '#lobby' -
has "invalid UTF-8: the offset counts from 0" "$err" 'byte 2'
printf 'ab\000c' >"$T/in"
run "a NUL" 2 send '#lobby' -
has "a NUL: the offset counts from 0" "$err" 'byte 2'
head -c 32757 /dev/zero | tr '\0' a >"$T/in"
run "as large as a body may be" 0 send '#lobby' -
head -c 32758 /dev/zero | tr '\0' a >"$T/in"
run "a byte more" 2 send '#lobby' -
printf 'good\nbad\377\n\r\n\ncr\r\nn\000l\nlast' >"$T/in"
run "--each-line with bad lines" 1 send '#lobby' --each-line
is "--each-line: the good lines go out" "$(echo "$out" | wc -l)" 3
has "--each-line: a bad line is named" "$err" 'line 2'
is "--each-line: CRLF ends a line, the last needs no LF" \
	"$(chat "$data" --offline log '#lobby' -n 3 --json | jq -r .text | tr '\n' ' ')" 'good cr last '

# queued
: >"$T/in"
run "--no-wait" 75 send '#lobby' later --no-wait
is "--no-wait: nothing on standard output" "$out" ""
run "--timeout 0" 75 send '#lobby' later2 --timeout 0
run "--offline" 75 --offline send '#lobby' later3
ok "what was queued goes out" until_true 20 sh -c "'$bin/stonechat' --data '$data' --offline log '#lobby' -n 1 | grep -q later3"
run "sync when all is sent" 0 sync

# a data folder that knows nothing yet
ok "a second person" sh -c "'$bin/stonechatd' --data '$T/ann/server' user add bob >'$T/token' && chmod 600 '$T/token'"
data=$T/bob
ok "her account" chat "$data" account add mine "unix:$T/ann/server/sock" --user bob --token-file "$T/token"
run "a reaction is the first thing done" 0 react '#lobby' $((first + 1)) 👍
data=$T/bob2
ok "the account elsewhere" chat "$data" account add mine "unix:$T/ann/server/sock" --user bob --token-file "$T/token"
run "a read mark is the first thing done" 0 read '#lobby'

done_testing

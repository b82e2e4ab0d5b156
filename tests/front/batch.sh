#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# batch.sh: one command after the other against a server of one's own, as a person or a script does.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/program/lib.sh"

me() { chat "$T/me" "$@"; }
# status COMMAND…: its exit status; output in $T/out and $T/err.
status() { "$@" >"$T/out" 2>"$T/err"; echo $?; }

is "no network and no TLS library is linked" \
	"$(ldd "$bin/stonechat" | grep -ciE 'ssl|crypto|curl|websockets|gnutls')" 0

# ---- before anything runs ----
is "a typo is 2" "$(status me sned '#lobby' hi)" 2
is "it names the nearest command" "$(cat "$T/err")" 'stonechat: unknown command: sned (did you mean send?)'
is "without a terminal and a command: 2" "$(status me </dev/null)" 2
has "with a sentence" "$(cat "$T/err")" 'terminal'
is "an unknown account is 2" "$(status me --account nobody rooms)" 2
is "an unknown global option is 2" "$(status me --jsno rooms)" 2
is "a broken configuration is 2" "$(status me --set engine.linger=soon rooms)" 2
is "rooms of nothing is nothing" "$(me rooms)" ''
ok "and did not start anything" [ ! -e "$T/me/engine.lock" ]
is "--version" "$(me --version)" "$(me version)"
has "--help lists the commands" "$(me --help)" '  send '
has "--help of a command" "$(me send --help)" '--each-line'
is "a full disk on standard output is 1" "$(status sh -c "'$bin/stonechat' --help >/dev/full")" 1
has "and a sentence" "$(cat "$T/err")" 'No space left'

is "a closed standard output is 1" "$(status sh -c "'$bin/stonechat' --help >&-")" 1

# ---- a conversation ----
has "send prints room and number" "$(echo hello | me send '#lobby' -)" '#lobby '
first=$(me log '#lobby' --json | jq -r 'select(.kind == "msg") | .seq')
has "log shows it" "$(me log '#lobby')" "<$(id -un)> hello"
is "options may stand anywhere" "$(me log '#lobby' --json -n 1 | jq -r .text)" hello
is "the members of an event, in order" "$(me --json log '#lobby' -n 1 | jq -r 'keys_unsorted | join(" ")')" \
	'account conv name seq id kind from ts text reply edited deleted'
is "words with options behind --" "$(me send '#lobby' -- --json -x; me log '#lobby' -n 1 --json | jq -r .text)" \
	"#lobby $((first + 1))
--json -x"
is "a repeat with the same cid is sent once" \
	"$(for i in 1 2; do me send '#lobby' once --cid 0190c4f2-7e1a-7000-8000-000000000001; done | uniq)" \
	"#lobby $((first + 2))"
ok "edit" me edit '#lobby' "$first" goodbye
has "shows" "$(me log '#lobby')" 'goodbye (edited)'
ok "react" me react '#lobby' "$first" 👍
is "shows in json" "$(me log '#lobby' --json | jq -c 'select(.reacts) | .reacts')" '{"👍":1}'
ok "delete by id" me delete '#lobby' "$(me log '#lobby' --json | jq -r "select(.seq == $first) | .id")"
has "shows" "$(me log '#lobby')" '(deleted)'
is "an unknown message is 3" "$(status me edit '#lobby' 999999 x)" 3
is "an unknown room is 3" "$(status me send '#nowhere' x)" 3
is "and nothing is queued" "$(me outbox)" ''
ok "create" me create '#dev' --topic 'what we build' --public
has "rooms shows it" "$(me rooms --json | jq -r .name)" '#dev'
is "a second one of that name is 3" "$(status me create '#dev')" 3
ok "topic" me topic '#dev' another one
is "in json" "$(me rooms --json | jq -r 'select(.name == "#dev") | .topic')" 'another one'
is "members in json" "$(me members '#dev' --json | jq -c .)" "{\"user\":\"$(id -un)\",\"name\":\"$(id -un)\",\"role\":\"owner\"}"
ok "me" me me '#dev' waves
has "shows as an action" "$(me log '#dev')" "* $(id -un) waves"
has "search finds" "$(me search waves)" '#dev'
is "search without a hit is 0" "$(status me search nonexistentword)" 0
ok "leave" me leave '#dev'
ok "a room made as the engine starts is made once" sh -c "'$bin/stonechat' --data '$T/me' engine stop && '$bin/stonechat' --data '$T/me' create '#late'"
is "unread counts" "$(me unread --count)" 0
ok "status" me status
has "says that it is online" "$(cat "$T/ok.out")" 'local: online'
is "status in json" "$(me status --json | jq -r .state)" online

# ---- standard input ----
printf 'two\nlines\n' | me send '#lobby' >/dev/null
is "a pipe is one message without its last line feed" "$(me log '#lobby' -n 1 --json | jq .text)" '"two\nlines"'
has "its second line is indented" "$(me log '#lobby' -n 1)" '      lines'
is "a message over the limit is 2" "$(head -c 70000 /dev/zero | tr '\0' x | status me send '#lobby' -)" 2
is "bad UTF-8 is 2" "$(printf 'ab\377' | status me send '#lobby' -)" 2
has "with the offset" "$(cat "$T/err")" 'byte 2'
is "a file is read" "$(echo filed >"$T/file"; status me send '#lobby' <"$T/file")" 0
mkfifo "$T/slow"
sleep 30 >"$T/slow" &
pids="$pids $!"
"$bin/stonechat" --data "$T/me" send '#lobby' - <"$T/slow" >/dev/null 2>"$T/silent" &
waiting=$!
ok "silence on standard input is told" until_true 10 grep -q 'no-stdin' "$T/silent"
kill -TERM $waiting
wait $waiting
is "SIGTERM is 143" $? 143

# ---- closed pipes and signals ----
"$bin/stonechat" --data "$T/me" log '#lobby' <&- >"$T/out" 2>&-
ok "closed standard input and error hurt nothing" grep -q filed "$T/out"
"$bin/stonechat" --data "$T/me" send '#lobby' unheard <&- >&- 2>&-
ok "nor do all three" sh -c "'$bin/stonechat' --data '$T/me' log '#lobby' | grep -q unheard"

me tail '#lobby' --since-seq 0 2>"$T/err" | head -n 1 >"$T/out"
ok "a closed pipe ends tail, quietly" sh -c "[ -s '$T/out' ] && [ ! -s '$T/err' ]"
is "SIGINT is 130" "$(status timeout --preserve-status -s INT 1 "$bin/stonechat" --data "$T/me" tail '#lobby')" 130
is "SIGHUP is 129" "$(status timeout --preserve-status -s HUP 1 "$bin/stonechat" --data "$T/me" tail '#lobby')" 129
(
	trap '' HUP
	exec "$bin/stonechat" --data "$T/me" -v tail '#lobby' >"$T/out" 2>"$T/nohup"
) &
waiting=$!
until_true 10 grep -q following "$T/nohup"
kill -HUP $waiting
me send '#lobby' 'still there' >/dev/null
ok "unless it is to be ignored (nohup)" until_true 10 grep -q 'still there' "$T/out"
kill -TERM $waiting
wait $waiting

# ---- options and accounts ----
ok "config set" me config set engine.linger 30
is "config get" "$(me config get engine.linger)" 30
is "a wrong value is 2" "$(status me config set engine.linger soon)" 2
me config keys >"$T/keys"
has "config keys" "$(cat "$T/keys")" 'engine.linger'
is "an account over plain TCP beyond this machine is 2" "$(status me account add far ws://chat.example)" 2
ok "the engine stops" me engine stop
is "and is gone" "$(status me engine status)" 0
has "which is said" "$(cat "$T/err")" 'no engine runs'

done_testing

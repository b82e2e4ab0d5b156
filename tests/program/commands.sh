#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# commands.sh: a table of command lines with what each must give: its exit status, and the members of
# its JSON rows. What takes a server, a second person or a fault has a test of its own.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/program/lib.sh"

data=$T/ann
run() { "$bin/stonechat" --data "$data" "$@" </dev/null; }

# each FUNCTION: a line of standard input a call, with its fields, which | parts.
each() {
	while IFS='|' read -r a b c; do
		[ -z "$a" ] || "$1" "$(echo "$a" | sed 's/ *$//')" "$(echo "$b" | tr -d ' ')" "$(echo "$c" | sed 's/^ *//')"
	done
}

# COMMAND | STATUS | part of standard output and error together
status() {
	eval "gives \"$1\" $2 run $1"
	[ -z "$3" ] || has "$1: says so" "$out$err" "$3"
}

# COMMAND | members of the first row, in order of the alphabet
members() {
	eval "gives \"$1 --json\" 0 run $1 --json"
	is "$1 --json: members" "$(echo "$out" | head -n 1 | jq -r 'keys | join(",")')" "$2"
}

is "the first message" "$(run send '#lobby' one two three | sed 's/ .*//')" '#lobby'
seq=$(run log '#lobby' -n 1 --json | jq .seq)

each status <<'END'
nonsense                                |2 | unknown command
sned #lobby                             |2 | did you mean send
--nonsense rooms                        |2 | --nonsense
rooms x                                 |2 | usage: rooms
rooms                                   |0 | #lobby
rooms --account nobody                  |2 | nobody
--account nobody log '#lobby'           |2 | nobody
unread                                  |0 |
unread --count                          |0 | 0
members '#lobby'                        |0 | @
members '#nope'                         |3 | #nope
members                                 |2 | usage: members
log '#lobby'                            |0 | one two three
log '#lobby' -n 0                       |0 |
log '#lobby' -n x                       |2 | -n
log '#lobby' --since never              |2 | never
log '#lobby' --since 2h --until yesterday|0 |
log '#lobby' --from-seq 1 --to-seq 2    |0 |
log '#nope'                             |3 | #nope
--offline log '#lobby'                  |0 | one two three
tail '#lobby' -n 1 --count 1            |0 | one two three
tail '#lobby' --kinds nonsense          |2 | nonsense
tail                                    |2 | usage: tail
search two                              |0 | one two three
search nowhere                          |0 |
search two --in '#lobby'                |0 | one two three
search two --in '#nope'                 |3 | #nope
search two --by nobody                  |0 |
search two --since 1h -n 1              |0 | one two three
search 'AND OR ('                       |0 |
search                                  |2 | usage: search
read '#lobby'                           |0 |
read '#lobby' x                         |2 |
topic '#lobby' something                |0 |
topic '#lobby'                          |2 | usage: topic
edit '#lobby' 99999 x                   |3 | 99999
edit '#lobby'                           |2 | usage: edit
delete '#lobby' 99999                   |3 | 99999
react '#lobby' 99999 x                  |3 | 99999
invite '#lobby' @nobody                 |3 | nobody
join lobby                              |3 | lobby
join '#nope'                            |3 | #nope
leave '#nope'                           |3 | #nope
msg @nobody hi                          |3 | nobody
sync                                    |0 |
sync --all                              |0 |
sync x                                  |2 | usage: sync
--offline sync                          |6 | --offline
outbox                                  |0 |
outbox list                             |0 |
outbox retry none                       |3 | none
outbox drop none                        |3 | none
outbox lose none                        |2 | usage: outbox
status                                  |0 | engine
engine status                           |0 | stonechat-engine
engine                                  |2 | usage: engine
engine start                            |2 | usage: engine
account list                            |0 | local
account remove nobody                   |2 | nobody
account default nobody                  |2 | nobody
account add A unix:/x                   |2 | name of an account
account add a http://x                  |2 | wss://
account add a ws://example.org          |2 | without TLS
account add a unix:/x --token-file none |2 | none
config list                             |0 | engine.stay = false
config get engine.stay                  |0 | false
config get engine.sty                   |2 | did you mean engine.stay
config set engine.stay perhaps          |2 | true
config set engine.linger 100000         |2 | 86400
config keys                             |0 | engine.stay
config                                  |2 | usage: config
completion bash                         |0 | complete
completion zsh                          |0 | compdef
completion fish                         |0 | complete
completion tcsh                         |2 | bash
verify                                  |0 |
verify '#nope'                          |3 | #nope
help                                    |0 | send
help send                               |0 | --each-line
help sned                               |2 | did you mean send
send --help                             |0 | --each-line
--version                               |0 | stonechat
--offline send '#nope' x                |6 | #nope
--color=sometimes rooms                 |2 | auto, always or never
END

each members <<'END'
rooms          |account,conv,kind,mentions,name,topic,unread
members '#lobby'|name,role,user
send '#lobby' x     |cid,conv,dup,id,name,seq
log '#lobby' --from-seq $seq --to-seq $seq |account,conv,deleted,edited,from,id,kind,name,reply,seq,text,ts
search two          |account,conv,deleted,edited,from,id,kind,name,reply,seq,text,ts
account list        |default,name,url,user
config get ui.mouse |key,value
config keys         |default,help,key,max,min,type
engine status       |accounts,config,control,data,fronts,online,pid,uptime,version
END
gives "no engine" 0 run engine stop
gives "a queued row" 75 run --offline send '#lobby' later
each members <<'END'
--offline outbox    |cid,conv,error,name,state,text,tries
END

# ---- colours ----
esc=$(printf '\033')
unset NO_COLOR
is "search shows hits bold" "$(run --color=always search TWO | sed 's/.*> //')" "one ${esc}[1mtwo${esc}[0m three"
is "not on a pipe" "$(run search TWO | sed 's/.*> //')" 'one two three'
is "never" "$(run --color=never search TWO | sed 's/.*> //')" 'one two three'

done_testing

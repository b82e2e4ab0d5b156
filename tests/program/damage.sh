#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# damage.sh: a mirror whose bytes were overwritten is set aside and filled again from the server;
# what is queued in it is sent all the same, and the person is told once.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/program/lib.sh"

serve "$T/server" --set rooms.auto_join='#lobby' || exit 1
data=$T/ann
mirror=$data/mine/mirror.db
engine() { sed -n 's/^pid[= ]*//p' "$data/engine.lock" | head -n 1; }
texts() { chat "$data" log '#lobby' --json | jq -r 'select(.kind == "msg") | .text' | tr '\n' ' '; }
# scribble AT BYTES [FILE]: other bytes in their place
scribble() {
	head -c "$2" /dev/zero | tr '\0' '\356' |
		dd of="${3:-$mirror}" bs=1 seek="$1" conv=notrunc 2>/dev/null
}
root() { # TABLE: where its first page begins
	echo $((($(sqlite3 "file:$mirror?mode=ro" "SELECT rootpage FROM sqlite_schema WHERE name = '$1'") - 1) * 4096))
}
if ! command -v sqlite3 >/dev/null || ! command -v jq >/dev/null; then
	echo "1..0 # SKIP needs sqlite3 and jq"
	exit 0
fi

ok "an account is added" chat "$data" account add mine "unix:$T/server/sock"
has "a message goes" "$(chat "$data" send '#lobby' one </dev/null)" '#lobby '

# ---- while nothing runs: the first page ----
end "$server"
gives "the server is away: queued" 75 chat "$data" send '#lobby' two --no-wait </dev/null
end "$(engine)"
scribble 0 4096
serve "$T/server" || exit 1
ok "first page gone: what was queued arrives" until_true 20 sh -c \
	"'$bin/stonechat' --data '$data' sync 2>>'$T/told'; '$bin/stonechat' --data '$data' log '#lobby' 2>>'$T/told' | grep -q two"
is "first page gone: history is there again, nothing twice" "$(texts)" "one two "
ok "first page gone: a new file, the old one is kept" test -e "$mirror" -a -e "$data/mine/mirror-2.db"
has "first page gone: it is told" "$(cat "$data"/log "$T/told" 2>/dev/null)" "the mirror was damaged"
mirror=$data/mine/mirror-2.db

# ---- while the engine and a reader hold it open: a page of the table of messages ----
chat "$data" tail '#lobby' >"$T/tail" 2>"$T/tail.err" </dev/null &
tail=$!
pids="$pids $tail"
ok "a reader holds the mirror open" until_true 20 sh -c \
	"'$bin/stonechat' --data '$data' send '#lobby' three </dev/null >/dev/null; grep -q three '$T/tail'"
at=$(root event)
old=$(engine)
end "$old"
# what is still in the log would hide it
ok "the log is moved into the file" sqlite3 "$mirror" "PRAGMA wal_checkpoint(TRUNCATE)"
scribble "$at" 4096
ok "a page gone: messages go on" until_true 30 sh -c \
	"'$bin/stonechat' --data '$data' send '#lobby' four </dev/null"
ok "a page gone: history is whole again" until_true 30 sh -c \
	"'$bin/stonechat' --data '$data' sync --all >/dev/null 2>&1; '$bin/stonechat' --data '$data' log '#lobby' | grep -q one"
for word in one two four; do
	is "a page gone: $word is there once" "$(texts | tr ' ' '\n' | grep -c "^$word\$")" 1
done
ok "a page gone: the next file" test -e "$data/mine/mirror-3.db"
is "it was told once for each" "$(grep -c 'text="the mirror was damaged' "$data/log")" 2

done_testing

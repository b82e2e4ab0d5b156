#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# disk.sh: a full disk, on either side, is a plain sentence and exit 1; nothing is lost, and with
# room again everything goes on. Needs the right to mount a small tmpfs, in a namespace of its own.
if [ "${1:-}" != mounted ]; then
	if unshare -m true 2>/dev/null; then
		exec unshare -m sh "$0" mounted
	fi
	echo "1..0 # SKIP no right to mount a small file system"
	exit 0
fi
. "${top_srcdir:-$(dirname "$0")/../..}/tests/program/lib.sh"

mkdir "$T/small"
mount -t tmpfs -o size=4m tmpfs "$T/small" || { echo "1..0 # SKIP cannot mount tmpfs"; exit 0; }
trap 'cd /; end "${server:-0}"; umount -l "$T/small"; finish' EXIT
fill() { dd if=/dev/zero of="$T/small/ballast" bs=4k 2>/dev/null; :; }
relieve() { rm -f "$T/small/ballast"; }

# ---- the person's disk ----
serve "$T/server" --set rooms.auto_join='#lobby' || exit 1
data=$T/small/ann
ok "an account is added" chat "$data" account add mine "unix:$T/server/sock"
has "a message goes" "$(chat "$data" send '#lobby' one </dev/null)" '#lobby '
fill
chat "$data" send '#lobby' two </dev/null >"$T/out" 2>"$T/err"
is "full disk: exit 1" "$?" 1
has "full disk: says so" "$(cat "$T/err")" 'disk is full'
is "full disk: nothing on standard output" "$(cat "$T/out")" ""
has "full disk: history is still read" "$(chat "$data" --offline log '#lobby')" one
relieve
ok "with room again a message goes, without a restart" \
	until_true 20 sh -c "'$bin/stonechat' --data '$data' send '#lobby' three </dev/null"
texts=$(chat "$data" log '#lobby' --json | jq -r 'select(.kind == "msg") | .text' | sort -u | tr '\n' ' ')
is "what was refused was not sent, what was sent is there" "$texts" "one three "
end "$(sed -n 's/^pid[= ]*//p' "$data/engine.lock" | head -n 1)"
rm -rf "$data"

# ---- the server's disk ----
end "$server"
mkdir "$T/small/server"
serve "$T/small/server" --set rooms.auto_join='#lobby' || exit 1
ok "another account is added" chat "$T/bob" account add mine "unix:$T/small/server/sock"
has "a message goes to the small server" "$(chat "$T/bob" send '#lobby' one </dev/null)" '#lobby '
fill
chat "$T/bob" send '#lobby' two --timeout 2 </dev/null >"$T/out" 2>"$T/err"
is "the server's disk is full: queued, exit 75" "$?" 75
has "the server's disk is full: says queued" "$(cat "$T/err")" queued
ok "the server still runs" kill -0 "$server"
relieve
ok "with room again the queued message goes by itself" \
	until_true 30 sh -c "'$bin/stonechat' --data '$T/bob' log '#lobby' | grep -q two"

done_testing

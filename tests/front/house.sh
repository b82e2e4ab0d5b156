#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# house.sh: how long an engine stays, whose it is, and the units that keep it: linger, engine.stay,
# two users on one machine, systemd.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/program/lib.sh"
. "$top_srcdir/tests/program/proxy.sh"

me() { chat "$T/me" "$@" </dev/null; }

# ---- how long it stays ----
mkdir -m 700 "$T/me"
printf '[engine]\nlinger = 0\n' >"$T/me/config"
has "a message" "$(me send '#lobby' one)" '#lobby '
pid=$(engine_of "$T/me")
ok "with linger = 0 the engine leaves at once" until_true 10 gone "$pid"
ok "and its socket with it" sh -c "! find '$T/me' -name '*.sock' -path '*run*' | grep -q ."
printf '[engine]\nlinger = 0\nstay = true\n' >"$T/me/config"
me send '#lobby' two >/dev/null
pid=$(engine_of "$T/me")
for n in 1 2 3 4 5 6 7 8; do
	me status >/dev/null
	pids_seen="${pids_seen-}$(engine_of "$T/me") "
done
is "with engine.stay the same one answers, again and again" \
	"$pids_seen" "$pid $pid $pid $pid $pid $pid $pid $pid "
printf '[engine]\nlinger = 0\n' >"$T/me/config"
ok "when the configuration says no more that it stays, it leaves" until_true 10 gone "$pid"
me send '#lobby' again >/dev/null
murder "$(engine_of "$T/me")"
has "a dead engine leaves its lock to the next" "$(me send '#lobby' three)" '#lobby '

# ---- two users on one machine ----
other=65534
if [ "$(id -u)" != 0 ] || ! setpriv --reuid=$other --clear-groups test -x "$bin/stonechat" 2>/dev/null; then
	skip "two users on one machine" "needs root, and programs that others may run"
else
	as_other() {
		setpriv --reuid=$other --regid=$other --clear-groups env HOME="$T/other" \
			XDG_RUNTIME_DIR="$T/other/run" "$bin/stonechat" "$@" </dev/null
	}
	chmod 755 "$T"
	mkdir -p "$T/other/run"
	chmod 700 "$T/other/run"
	chown -R $other "$T/other"
	has "another user has an engine and a server of her own" \
		"$(as_other --data "$T/other/data" send '#lobby' hers)" '#lobby 2'
	is "hers alone" "$(as_other --data "$T/other/data" log '#lobby' --json | jq -r 'select(.kind == "msg") | .text')" hers
	gives "another user's data are refused" 2 as_other --data "$T/me" rooms
	gives "by root's too" 2 chat "$T/other/data" send '#lobby' mine --no-wait
	has "and the owner is named" "$err" "$(id -un $other)"
	victim=$(engine_of "$T/other/data")
	ok "her engine runs as she does" test "$(stat -c %u "/proc/$victim")" = $other
fi

# ---- systemd ----
if ! command -v systemd-analyze >/dev/null; then
	skip "the units" "no systemd-analyze"
else
	for unit in stonechat-engine stonechatd-user stonechatd; do
		sed "s,@bindir@,$bin,; s,@libexecdir@,$bin,; s,^User=.*,User=root," \
			"$top_srcdir/contrib/systemd/$unit.service.in" >"$T/$unit.service"
	done
	ok "the users' units" systemd-analyze --user --man=no verify "$T/stonechat-engine.service" "$T/stonechatd-user.service"
	ok "the system's unit" systemd-analyze --man=no verify "$T/stonechatd.service"
	sed -n 's/^ExecStart=//p' "$T/stonechat-engine.service" >"$T/start"
	is "what the unit starts takes its options" \
		"$(sed 's/$/ --help/' "$T/start" | sh >/dev/null 2>"$T/err"; echo "$? $(cat "$T/err")")" "0 "
fi

done_testing

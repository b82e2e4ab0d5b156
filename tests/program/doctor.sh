#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# doctor.sh: a line for each check, with what to do; also where nothing else works any more. And what
# a configuration that cannot be read leaves possible.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/program/lib.sh"

ann() { chat "$T/ann" "$@" </dev/null; }
state() { echo "$out" | jq -r "select(.check == \"$1\") | .state"; }
TERM=xterm
unset NO_COLOR

gives "a new place" 0 ann doctor
has "the data folder" "$out" 'data: '
gives "--json" 0 ann doctor --json
is "--json: the members" "$(echo "$out" | head -n 1 | jq -c keys)" '["check","mend","state","text"]'
for check in configuration data 'file system' disk stonechat-engine stonechatd sqlite locale terminal \
	colours 'mirror local' engine libwebsockets 'account local'; do
	is "$check is looked at" "$(state "$check")" ok
done
gives "--offline" 0 ann --offline doctor
gives "words behind it" 2 ann doctor x

# ---- the terminal ----
gives "an unknown TERM" 0 env TERM=nowhere "$bin/stonechat" --data "$T/ann" doctor --json
is "an unknown TERM is a warning" "$(state terminal)" warn
gives "another character set" 0 env LC_ALL=C "$bin/stonechat" --data "$T/ann" doctor --json
is "another character set is a warning" "$(state locale)" warn

# ---- the folder ----
chmod 750 "$T/ann"
gives "a folder that others may read" 0 ann doctor
has "a folder that others may read: what to do" "$out" 'chmod 700'
chmod 700 "$T/ann"

# ---- programs ----
mkdir "$T/empty"
cp "$bin/stonechat" "$T/empty/"
gives "programs that are not there" 1 env STONECHAT_LIBEXEC="$T/nowhere" "$T/empty/stonechat" --data "$T/lone" doctor --json
has "programs that are not there: what to do" "$out" STONECHAT_LIBEXEC

# ---- accounts ----
gives "an account whose server is away" 0 chat "$T/bob" account add mine "unix:$T/nowhere"
gives "a server that is away" 1 chat "$T/bob" doctor --json
is "a server that is away" "$(state 'account mine')" fail
ok "a token file" sh -c "echo x >'$T/token'; chmod 644 '$T/token'"
gives "an account with a token" 0 chat "$T/eve" account add mine "unix:$T/ann/server/sock" --user eve --token-file "$T/token"
gives "a token that is refused" 1 chat "$T/eve" doctor --json
is "a token that is refused" "$(state 'account mine')" fail
is "a token that others may read" "$(state 'token mine')" warn

# ---- a broken configuration ----
printf '[ui]\nmouse = perhaps\n' >"$T/ann/config"
gives "a broken configuration: doctor" 1 ann doctor
has "a broken configuration: the line" "$out" 'config:2'
gives "a broken configuration: other commands" 2 ann rooms
has "a broken configuration: the line is said" "$err" 'config:2'
gives "a broken configuration: config list" 2 ann config list
gives "a broken configuration: config keys" 0 ann config keys
gives "a broken configuration: config set" 0 ann config set ui.mouse false
gives "and it is mended" 0 ann config get ui.mouse
is "and it is mended: the value" "$out" false
printf '[nonsense]\nx = 1\n' >"$T/ann/config"
printf '#!/bin/sh\nprintf "[ui]\\nmouse = true\\n" >"$1"\n' >"$T/editor"
chmod 700 "$T/editor"
gives "a broken configuration: config edit" 0 env VISUAL= EDITOR="$T/editor" "$bin/stonechat" --data "$T/ann" config edit
gives "what was edited counts" 0 ann config get ui.mouse
is "what was edited counts: the value" "$out" true

# ---- a configuration that is not there ----
gives "--config without a file" 2 ann --config "$T/none" rooms
has "--config without a file: which" "$err" "$T/none"
gives "--config without a file: config get" 2 ann --config "$T/none" config get ui.mouse
gives "--config without a file: config set makes it" 0 chat "$T/new1" --config "$T/none" config set ui.mouse false
gives "--config with it" 0 chat "$T/new1" --config "$T/none" config get ui.mouse
gives "another --config beside a running engine" 2 ann --config "$T/none" rooms
has "another --config: which the engine has" "$err" "$T/ann/config"
gives "--config without a file: account add makes it" 0 chat "$T/new" --config "$T/none2" account add mine "unix:$T/ann/server/sock"
gives "--config without a file: account list" 2 ann --config "$T/none3" account list

# ---- the default account goes ----
gives "an account" 0 ann account add work "unix:$T/ann/server/sock"
gives "is the default" 0 ann account default work
gives "is removed" 0 ann account remove work
is "no empty section is left" "$(grep -c '^\[account\]' "$T/ann/config")" 0

done_testing

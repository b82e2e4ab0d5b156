# SPDX-License-Identifier: GPL-3.0-or-later
# lib.sh: programs in a terminal of their own (tmux on a socket below $T), on top of the shell library of the program tests.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/program/lib.sh"

if ! command -v tmux >/dev/null 2>&1; then
	echo "1..0 # SKIP tmux is not installed"
	exit 0
fi

if [ ! -x "$bin/stonechat" ]; then
	echo "Bail out! there is no program in ${bin:-the build folder}"
	exit 99
fi

in_tmux() {
	tmux -S "$T/tmux" -f /dev/null "$@"
}

trap 'in_tmux kill-server 2>/dev/null; finish' EXIT

# screen NAME WIDTH HEIGHT COMMAND: a terminal of this size in which a shell runs the command; "left N" stands there when it ended.
screen() {
	in_tmux new-session -d -s "$1" -x "$2" -y "$3" \
		"env -u NO_COLOR TERM=tmux-256color sh -c '$4; echo left \$?; exec cat'"
}

# keys NAME KEY…: as tmux send-keys.
keys() {
	name=$1
	shift
	in_tmux send-keys -t "$name" "$@"
}

# text NAME TEXT: typed as it is.
text() {
	in_tmux send-keys -t "$1" -l "$2"
}

shown() {
	in_tmux capture-pane -p -t "$1"
}

shows() {
	shown "$1" | grep -qF -- "$2"
}

hides() {
	! shows "$1" "$2"
}

# sees WHAT NAME TEXT: one test; the text comes to the screen within 15 s.
sees() {
	tests=$((tests + 1))
	if until_true 15 shows "$2" "$3"; then
		echo "ok $tests - $1"
	else
		echo "not ok $tests - $1"
		echo "# wanted: $3"
		shown "$2" | sed 's/^/#   /'
		wrong=$((wrong + 1))
	fi
}

# gone WHAT NAME TEXT: the text leaves the screen within 15 s.
gone() {
	tests=$((tests + 1))
	if until_true 15 hides "$2" "$3"; then
		echo "ok $tests - $1"
	else
		echo "not ok $tests - $1"
		shown "$2" | sed 's/^/#   /'
		wrong=$((wrong + 1))
	fi
}

# pid_of NAME: of the program in the terminal.
pid_of() {
	shell=$(in_tmux display-message -p -t "$1" '#{pane_pid}')
	tr ' ' '\n' <"/proc/$shell/task/$shell/children" | while read -r child; do
		case $(readlink "/proc/$child/exe") in */stonechat) echo "$child" ;; esac
	done
}

# SPDX-License-Identifier: GPL-3.0-or-later
# lib.sh: what every program test shares. TAP on standard output; a folder of its own that goes
# away; only its own processes are ended; every wait has a deadline. Source it:  . "${top_srcdir:-$(dirname "$0")/../..}/tests/program/lib.sh"
set -u

top_srcdir=${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
top_builddir=${top_builddir:-$top_srcdir/build}
bin=$(cd "$top_builddir/src" && pwd)
LC_ALL=C.UTF-8 LANG=C.UTF-8 TZ=UTC TERM=dumb NO_COLOR=1
export LC_ALL LANG TZ TERM NO_COLOR
unset STONECHAT_CONFIG STONECHAT_DATA STONECHAT_ACCOUNT STONECHAT_LIBEXEC

T=$(mktemp -d "${TMPDIR:-/tmp}/stonechat.XXXXXX")
HOME=$T/home XDG_CONFIG_HOME=$T/home/.config XDG_DATA_HOME=$T/home/.local/share
XDG_STATE_HOME=$T/home/.local/state XDG_RUNTIME_DIR=$T/run
export HOME XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME XDG_RUNTIME_DIR
mkdir -p "$HOME" "$XDG_RUNTIME_DIR"
chmod 700 "$XDG_RUNTIME_DIR"

tests=0 wrong=0 pids=

# Ends what was started: daemons by the pid we hold, engines by asking for their pid in engine.lock
# below $T. The folder goes away, unless something is wrong and $keep says where it is to be kept.
finish() {
	for lock in $(find "$T" -name engine.lock 2>/dev/null); do
		pid=$(sed -n 's/^pid[= ]*//p' "$lock" | head -n 1)
		case $pid in ''|*[!0-9]*) ;; *) end "$pid";; esac
	done
	for lock in $(find "$T" -name ledger.lock 2>/dev/null); do
		pid=$(sed -n 's/[^0-9]*\([0-9][0-9]*\).*/\1/p' "$lock" | head -n 1)
		case $pid in ''|*[!0-9]*) ;; *) end "$pid";; esac
	done
	for pid in $pids; do end "$pid"; done
	cd /
	if [ "$wrong" != 0 ] && [ -n "${keep-}" ] && mv "$T" "$keep"; then
		echo "# everything is kept in $keep"
	fi
	rm -rf "$T"
}

# end PID: asks, waits up to 5 s, then insists. Only processes whose program is one of ours.
end() {
	case $(readlink "/proc/$1/exe" 2>/dev/null) in */stonechat*) ;; *) return 0;; esac
	kill "$1" 2>/dev/null || return 0
	n=0
	while kill -0 "$1" 2>/dev/null && [ "$(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$1/status" 2>/dev/null)" != Z ]; do
		n=$((n + 1))
		[ $n -lt 100 ] || { kill -9 "$1" 2>/dev/null; break; }
		sleep 0.05
	done
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

# ok NAME COMMAND…: one test; the output of a failing command is shown.
ok() {
	tests=$((tests + 1))
	name=$1
	shift
	if "$@" >"$T/ok.out" 2>&1; then
		echo "ok $tests - $name"
	else
		echo "not ok $tests - $name"
		sed 's/^/#   /' "$T/ok.out" | head -n 40
		wrong=$((wrong + 1))
	fi
}

# is NAME GOT WANTED
is() {
	tests=$((tests + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $tests - $1"
	else
		echo "not ok $tests - $1"
		printf '%s\n' "got:    $2" "wanted: $3" | sed 's/^/#   /' | head -n 40
		wrong=$((wrong + 1))
	fi
}

# has NAME TEXT PATTERN (a fixed string)
has() {
	tests=$((tests + 1))
	case $2 in
	*"$3"*) echo "ok $tests - $1" ;;
	*)
		echo "not ok $tests - $1"
		printf '%s\n' "got:    $2" "wanted: …$3…" | sed 's/^/#   /' | head -n 40
		wrong=$((wrong + 1))
		;;
	esac
}

# gives NAME CODE COMMAND…: one test, of the exit status; what it wrote is in $out and $err.
gives() {
	name=$1 code=$2
	shift 2
	"$@" >"$T/gives.out" 2>"$T/gives.err"
	is "$name: exit $code" "$?" "$code"
	out=$(cat "$T/gives.out") err=$(cat "$T/gives.err")
}

skip() {
	tests=$((tests + 1))
	echo "ok $tests - $1 # SKIP $2"
}

done_testing() {
	echo "1..$tests"
	[ "$wrong" = 0 ]
	exit $?
}

# until_true SECONDS COMMAND…: repeats the command until it succeeds or the time is over.
until_true() {
	deadline=$(($(date +%s) + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$(date +%s)" -lt "$deadline" ] || return 1
		sleep 0.05
	done
}

# serve DIR [OPTIONS…]: starts stonechatd on DIR, waits until it listens; sets server (its pid) and server_log.
serve() {
	server_dir=$1
	shift
	mkdir -p "$server_dir"
	server_log=$server_dir.log
	: >"$server_log"
	"$bin/stonechatd" --data "$server_dir" "$@" >>"$server_log" 2>&1 </dev/null &
	server=$!
	pids="$pids $server"
	until_true 20 grep -q 'listening on' "$server_log" || { cat "$server_log"; return 1; }
}

# chat DATA ARGUMENTS…: stonechat on a data folder of its own.
chat() {
	data=$1
	shift
	"$bin/stonechat" --data "$data" "$@"
}

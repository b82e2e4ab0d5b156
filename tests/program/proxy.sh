# SPDX-License-Identifier: GPL-3.0-or-later
# proxy.sh: the proxy of the program tests, from the shell. Source it after lib.sh.

# through NAME TARGET PLAN…: starts the proxy on $T/NAME.sock, waits until it listens; sets proxy
# (its pid) and proxy_log. TARGET is unix:PATH or a port.
through() {
	proxy_log=$T/$1.log
	proxy_at=unix:$T/$1.sock
	shift
	"$top_builddir/tests/program/stonechat-proxy" "$proxy_at" "$@" >"$proxy_log" 2>&1 </dev/null &
	proxy=$!
	pids="$pids $proxy"
	until_true 10 grep -q '^listening on' "$proxy_log" || { cat "$proxy_log"; return 1; }
}

# is_sanitised: were the programs built with ASan? Then they are slow, and strace cannot look.
is_sanitised() { grep -q __asan_init "$bin/stonechat-engine"; }

# engine_of DATA: the pid that engine.lock names.
engine_of() { sed -n 's/^pid=//p' "$1/engine.lock" 2>/dev/null | head -n 1; }

# gone PID: the process ended with all its threads, so it holds no lock (a zombie does not).
gone() {
	life=$(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$1/status" 2>/dev/null)
	[ -z "$life" ] || { [ "$life" = Z ] && [ "$(ls "/proc/$1/task" | wc -l)" -le 1 ]; }
}

# murder PID…: kill -9 at once, and waits until they are gone. Only programs of ours.
murder() {
	for victim; do
		case $(readlink "/proc/$victim/exe" 2>/dev/null) in */stonechat*) ;; *) continue;; esac
		kill -9 "$victim" 2>/dev/null
		until_true 5 gone "$victim"
	done
}

# texts DATA TARGET: what the mirror holds of it, one text a line, oldest first.
texts() { chat "$1" --offline log "$2" --json </dev/null | jq -r 'select(.kind == "msg") | .text'; }

# identity DATA TARGET: what must be equal in all mirrors, one record a line.
identity() {
	chat "$1" --offline log "$2" --json </dev/null |
		jq -c 'select(.kind == "msg") | [.seq, .id, .from, .text]'
}

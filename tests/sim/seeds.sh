#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# seeds.sh: the simulator holds for a few hundred seeds, and finds every bug that is planted.
sim=${top_builddir:-.}/tests/sim/stonechat-sim
n=0

ok() { # ok NAME STATUS
	n=$((n + 1))
	[ "$2" = 0 ] && echo "ok $n - $1" || echo "not ok $n - $1"
}

# gives CODE ARGUMENTS…: true when the simulator ends with CODE; what it said is in $out.
gives() {
	wanted=$1
	shift
	out=$("$sim" "$@" 2>&1)
	[ $? = "$wanted" ] || { echo "$out" | sed 's/^/# /'; return 1; }
}

gives 0 --from 1 --count 500
ok "500 seeds hold" $?
first=$("$sim" --from 7 --count 20 --json)
[ "$first" = "$("$sim" --from 7 --count 20 --json)" ]
ok "the same seed gives the same trace" $?
[ "$(echo "$first" | sed 's/.*"trace":"//; s/".*//' | sort -u | wc -l)" = 20 ]
ok "other seeds give other traces" $?
for mutant in $("$sim" --list-mutants); do
	gives 1 --from 1 --count 10000 --mutant "$mutant"
	ok "$mutant is found" $?
done
gives 1 --shrink --seed 1 --mutant send-before-commit
echo "$out" | grep -q '^clients 1$'
ok "a world that fails is made smaller" $?
gives 2 --count many
ok "a number is a number" $?
gives 2 --mutant nothing
ok "an unknown planted bug is refused" $?
echo "1..$n"

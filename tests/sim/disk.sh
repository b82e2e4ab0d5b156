#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Store and ledger on a disk that fails: sound seeds pass, the same seed gives the same trace, and
# planted bugs are caught. DISK_SEEDS: how many seeds; then every planted bug has its turn.
disk=$top_builddir/tests/sim/stonechat-disk
n=0
bad=0

check()
{
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		bad=1
	fi
}

mutants='ack-before-commit mark-before-commit torn-batch'
[ -z "$DISK_SEEDS" ] || mutants=$("$disk" --list-mutants)
set -- $mutants
echo "1..$((2 + $#))"
said=$(timeout 3600 "$disk" --from 1 --count "${DISK_SEEDS:-20}")
check $? 'nothing that was stored is lost, and nothing is half there'
[ -z "$said" ] || echo "$said" | sed 's/^/# /'
once=$(timeout 60 "$disk" --from 5)
[ "$once" = "$(timeout 60 "$disk" --from 5)" ]
check $? 'the same seed gives the same trace'
for mutant in $mutants; do
	timeout 120 "$disk" --from 1 --count 200 --mutant $mutant >/dev/null
	[ $? = 1 ]
	check $? "$mutant is caught"
done
exit $bad

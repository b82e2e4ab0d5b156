#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# verify.sh: a mirror that is as the server says, and mirrors that are not: each difference is named,
# and mended.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/program/lib.sh"

ann() { chat "$T/ann" "$@" </dev/null; }
alone() { ann engine stop; sqlite3 "$T/ann/local/mirror$1.db" "$2"; }

command -v sqlite3 >/dev/null || { echo "1..0 # SKIP no sqlite3"; exit 0; }

gives "a mirror that is not there yet" 0 ann --offline verify
is "ann writes" "$(seq 1 450 | chat "$T/ann" send '#lobby' --each-line | wc -l | tr -d ' ')" 450
gives "an edit" 0 ann edit '#lobby' 5 changed
gives "a deletion" 0 ann delete '#lobby' 6
gives "a reaction" 0 ann react '#lobby' 7 👍
gives "a sound mirror" 0 ann verify
is "a sound mirror: nothing on standard output" "$out" ""
has "a sound mirror: says what was compared" "$err" 'compared 45'
gives "a sound mirror, quietly" 0 ann verify '#lobby' -q
is "quietly: nothing is said" "$err" ""
gives "an unknown target" 3 ann verify '#nope'
gives "--offline" 0 ann --offline verify
has "--offline: says what is left out" "$err" 'not at the server'

ok "a text changes on the disk" alone "" "UPDATE event SET body = '{\"text\":\"forged\"}' WHERE seq = 9"
gives "another text" 1 ann verify
has "another text: which" "$out" '#lobby 9: body'
has "another text: how to mend" "$err" '--mend'
gives "another text, --json" 1 ann verify --json
is "--json: the members" "$(echo "$out" | jq -c keys)" '["account","conv","name","seq","text","what"]'
is "--json: which" "$(echo "$out" | jq -c '[.name, .what, .seq]')" '["#lobby","body",9]'
ok "a record is lost" alone "" "DELETE FROM event WHERE seq = 20"
gives "a record that lacks" 1 ann verify '#lobby'
has "a record that lacks: which" "$out" '#lobby 20: missing'
ok "a record that nobody sent" alone "" "INSERT INTO event SELECT conv, 20, 'x', kind, sender, device, cid, ref, ts, body, mine FROM event WHERE seq = 21"
gives "another record" 1 ann verify '#lobby'
has "another record: which" "$out" '#lobby 20: id'
gives "coverage alone is right" 0 ann --offline verify
gives "a queued row" 75 ann --offline send '#lobby' later
gives "--mend with --offline" 2 ann --offline verify --mend
gives "--mend" 0 ann verify --mend
ok "mended" until_true 20 sh -c "'$bin/stonechat' --data '$T/ann' sync --all"
gives "what was queued went out" 0 ann outbox
is "nothing is queued" "$out" ""
is "history is there again" "$(ann --offline log '#lobby' --json | jq -r 'select(.kind == "msg") | .text' | grep -c .)" 450

ok "records outside of what is held" alone -2 "UPDATE range SET hi = hi - 10 WHERE what = 0 AND hi = (SELECT max(hi) FROM range WHERE what = 0)"
gives "coverage" 1 ann --offline verify
has "coverage: says so" "$out" 'coverage'
ok "an older state" alone -2 "UPDATE meta SET value = value - 3 WHERE key = 'tick'; UPDATE range SET hi = hi + 10 WHERE what = 0 AND hi = (SELECT max(hi) FROM range WHERE what = 0)"
gives "an older state than the high-water mark's" 1 ann --offline verify
has "an older state: says so" "$out" 'high-water'

gives "no server" 0 ann engine stop
gives "an account whose server is away" 0 chat "$T/bob" account add mine "unix:$T/nowhere"
gives "server away" 6 chat "$T/bob" verify

done_testing

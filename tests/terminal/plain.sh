#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# plain.sh: plain mode: lines instead of a screen, for screen readers and terminals that cannot show one.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/terminal/lib.sh"

A=$T/ann
i=0
while [ $i -lt 30 ]; do
	i=$((i + 1))
	echo "message number $i."
done | chat "$A" send '#lobby' --each-line >/dev/null
chat "$A" create '#dev' >/dev/null
chat "$A" send '#dev' 'only in dev' >/dev/null

screen dumb 90 40 "env TERM=dumb $bin/stonechat --data $A"
sees 'a dumb terminal gets plain mode, and is told why' dumb 'a terminal of type dumb cannot show the screen'
sees 'and how to go on' dumb '/go TARGET opens a conversation'
sees '#lobby is open' dumb '#lobby>'
sees 'with its last messages' dumb 'message number 30.'
sees 'twenty' dumb 'message number 11.'
hides dumb 'message number 10.'
is 'and no more' $? 0
sees 'the connection is told' dumb 'online as '
text dumb 'from a dumb terminal'
keys dumb Enter
sees 'what is typed is sent and comes back' dumb "<$(id -un)> from a dumb terminal"
is 'to the server' "$(chat "$A" log '#lobby' -n 1 | sed 's/.*> //')" 'from a dumb terminal'
chat "$A" send '#lobby' 'from elsewhere' >/dev/null
sees 'what others write comes' dumb '> from elsewhere'
text dumb '/bogus'
keys dumb Enter
sees 'an unknown command is not sent' dumb 'unknown command: /bogus'
text dumb '/go #dev'
keys dumb Enter
sees '/go opens another' dumb '> only in dev'
sees 'whose name is the prompt' dumb '#dev>'
text dumb '/last'
keys dumb Enter
sees '/last goes back' dumb '#lobby>'
text dumb '/rooms'
keys dumb Enter
sees 'commands print their lines' dumb '#dev'
keys dumb C-d
sees 'Ctrl-D leaves' dumb 'left 0'

# The interrupt of Ctrl-C reaches the shell too.
screen reader 90 24 "trap : INT; $bin/stonechat --data $A --plain"
sees '--plain is plain mode too, where one was' reader '#lobby>'
text reader 'half a line'
chat "$A" send '#lobby' 'meanwhile' >/dev/null
sees 'what comes meanwhile stands above the line' reader '> meanwhile'
sees 'which stays' reader '#lobby> half a line'
keys reader C-c
sees 'Ctrl-C clears it' reader '#lobby> half a line^C'
text reader '/mem'
keys reader Tab Enter
sees 'Tab completes commands' reader '/members'
kill -TERM "$(pid_of reader)"
sees 'a signal ends it' reader 'left 143'

screen unknown 90 40 "env TERM=no-such-terminal $bin/stonechat --data $A"
sees 'a terminal nobody knows is plain too' unknown 'the terminal type no-such-terminal is not known (TERM)'
sees 'and works' unknown '#lobby>'
keys unknown C-d
sees 'and leaves' unknown 'left 0'

done_testing

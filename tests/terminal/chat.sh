#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# chat.sh: two people on one server, each in a terminal: they write, the server goes and comes back, they leave and read offline.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/terminal/lib.sh"

A=$T/ann B=$T/bob
screen ann 100 30 "$bin/stonechat --data $A"
sees 'the first start opens the lobby' ann '> 1 #lobby'
sees 'and is connected' ann '● online'
sees 'a first-time user is told what to do' ann 'No messages yet. Write one, or F1 for help.'

"$bin/stonechatd" --data "$A/server" user add bob >"$T/token"
chmod 600 "$T/token"
chat "$B" account add mine "unix:$A/server/sock" --user bob --token-file "$T/token"
screen bob 60 15 "$bin/stonechat --data $B"
sees 'the second one comes to the same lobby' bob '#lobby'
sees 'and is connected too' bob '● online'
sees 'which the first one sees' ann 'bob has joined'

text ann 'hello bob, 日本語 and é work'
sees 'that somebody types is seen' bob 'is typing…'
keys ann Enter
sees 'what one writes the other reads' bob 'hello bob, 日本語 and é work'
text bob 'hello yourself'
keys bob Enter
sees 'and the other way round' ann 'hello yourself'
gone 'the line is empty again' bob '] hello yourself'
sees 'an acknowledged message has its mark' bob '✓'
gone 'for two seconds' bob '✓'

text ann '/jion #x'
keys ann Enter
sees 'an unknown command is said so, with the nearest name' ann 'unknown command: /jion (did you mean /join?)'
sees 'and the text stays' ann '[#lobby] /jion #x'
keys ann C-c
gone 'until it is cleared' ann '[#lobby] /jion'
text ann '//not a command'
keys ann Enter
sees 'two slashes send one' bob ' /not a command'
text ann '/usr/bin is a path'
keys ann Enter
sees 'a path is text' bob '/usr/bin is a path'
text ann '-'
keys ann Enter
sees 'a dash is a message' bob '  -'
is 'nobody was sent the unknown command' "$(chat "$B" --offline log '#lobby' | grep -c jion)" 0

printf '\033]0;owned\007\033[2J\033[31mred\302\2331m \342\200\256 rtl' | chat "$B" send '#lobby' - >"$T/out" 2>&1
sees 'hostile text is shown, not obeyed' ann '␛]0;owned␇␛[2J␛[31mred<U+009B>1m <U+202E> rtl'

text ann '/create #dev'
keys ann Enter
sees 'a new room is opened' ann '> 1 #dev'
sees 'and is empty' ann 'No messages yet.'
keys ann M-2
sees 'Alt and a digit go to a conversation' ann '> 2 #lobby'
keys ann C-p
sees 'Ctrl-P to the one before' ann '> 1 #dev'
text bob 'look, @root and everybody'
keys bob Enter
sees 'a conversation that is not shown counts' ann '#lobby'
sees 'in the activity list' ann '[Act: 2'
keys ann M-a
sees 'Alt-a goes there' ann '> 2 #lobby'
sees 'below a line that counts what is new' ann '1 new since'

server=$(cat "$A/server/ledger.lock")
kill -STOP "$server"
text bob 'into the void'
keys bob Enter
sees 'a message without an answer is sending' bob 'sending'
sees 'and stands in the outbox' bob '[outbox 1]'
kill -9 "$server"
sees 'without a server one is offline' bob '○ offline'
text bob 'while nobody is there'
keys bob Enter
sees 'what is written then is queued' bob 'queued'
sees 'behind the first' bob '[outbox 2]'
sees 'the server of one account is started again' ann '● online'
sees 'and gets both messages' ann 'while nobody is there'
sees 'and the other one comes back' bob '● online'
gone 'nothing waits any more' bob '[outbox'
is 'each once, in order' "$(chat "$B" --offline log '#lobby' | sed -n 's/.*> \(into the void\|while nobody is there\)$/\1/p')" \
	'into the void
while nobody is there'

text ann 'half a thought'
sees 'a draft' ann '[#lobby] half a thought'
ok 'is on the disk soon' until_true 5 grep -qa 'half a thought' "$A/local/mirror.db" "$A/local/mirror.db-wal"
kill -9 "$(pid_of ann)"
sees 'even a killed screen' ann 'left 137'
screen again 100 30 "$bin/stonechat --data $A"
sees 'keeps it' again '[#lobby] half a thought'
keys again C-c
keys again C-d
sees 'Ctrl-D on an empty line leaves' again 'left 0'

text bob '/quit'
keys bob Enter
sees '/quit too' bob 'left 0'
screen off 80 12 "$bin/stonechat --data $B --offline"
sees 'offline everything is there to read' off 'while nobody is there'
sees 'and it says so' off '○ offline'
text off 'for later'
keys off Enter
sees 'one can write' off 'queued'
keys off PPage
keys off PPage
sees 'and look back' off 'hello yourself'
sees 'with what is below counted' off '-MORE '
kill -HUP "$(pid_of off)"
sees 'a hang-up ends it in order' off 'left 129'

done_testing

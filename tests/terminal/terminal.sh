#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# terminal.sh: what a screen owes its terminal: every size, job control, signals, keys, pastes, terminals that cannot.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/terminal/lib.sh"

A=$T/ann
chat "$A" send '#lobby' 'a first message' >/dev/null
i=0
while [ $i -lt 60 ]; do
	i=$((i + 1))
	echo "message number $i"
done | chat "$A" send '#lobby' --each-line >/dev/null

is 'no terminal gets a sentence' "$("$bin/stonechat" --data "$A" 2>&1 </dev/null; echo $?)" \
	'stonechat: the screen needs a terminal; stonechat --help lists the commands that do not
2'

screen ann 100 30 "$bin/stonechat --data $A"
sees 'it opens with the newest messages' ann 'message number 60'
for size in '20 5' '1 1' '2 1' '400 100' '3 40' '60 15'; do
	in_tmux resize-window -t ann -x "${size% *}" -y "${size#* }"
done
sees 'it lives through every size' ann 'message number 60'
i=0
while [ $i -lt 40 ]; do
	i=$((i + 1))
	in_tmux resize-window -t ann -x $((20 + i * 7 % 60)) -y $((5 + i * 5 % 20))
done
in_tmux resize-window -t ann -x 100 -y 12
sees 'and through a storm of them' ann 'message number 60'

keys ann PPage
sees 'PgUp scrolls' ann '-MORE '
gone 'the newest messages away' ann 'message number 60'
keys ann M-Home
sees 'Alt-Home to the first message' ann 'a first message'
keys ann M-End
sees 'Alt-End back to the last' ann 'message number 60'
gone 'with nothing below' ann '-MORE '

keys ann F1
sees 'F1 opens help' ann 'stonechat: help'
sees 'with the keys' ann 'Ctrl-N'
keys ann Escape
gone 'Esc closes it' ann 'stonechat: help'

text ann '/red'
keys ann Tab
sees 'Tab completes commands' ann '/redraw'
keys ann C-c
text ann '#lob'
keys ann Tab
sees 'and rooms' ann '] #lobby'
keys ann C-u
text ann 'one two'
keys ann M-Enter
text ann 'three'
sees 'Alt-Enter begins a new line' ann '         three'
keys ann C-a
text ann 'zero '
sees 'readline edits' ann 'zero one two'
keys ann C-c
gone 'Ctrl-C clears the line and does not quit' ann 'zero'

printf 'a\nb\nc\nd\ne' >"$T/five"
in_tmux load-buffer "$T/five"
in_tmux paste-buffer -p -t ann
sees 'a large paste is asked about' ann 'Paste 5 lines? Enter puts them into the line, Esc drops them'
keys ann Escape
gone 'Esc drops it' ann 'Paste 5 lines'
in_tmux paste-buffer -p -t ann
sees 'once more' ann 'Paste 5 lines?'
keys ann Enter
sees 'Enter puts it into the line' ann '         e'
keys ann C-c

keys ann C-d
sees 'Ctrl-D leaves' ann 'left 0'

in_tmux new-session -d -s shell -x 80 -y 12 "env -u NO_COLOR TERM=tmux-256color PS1='prompt> ' sh -i"
sees 'in a shell with job control' shell 'prompt>'
text shell "$bin/stonechat --data $A"
keys shell Enter
sees 'it starts' shell 'message number 60'
text shell 'kept'
keys shell C-z
sees 'Ctrl-Z goes back to the shell' shell 'prompt>'
text shell 'echo in the $((40 + 2)) shell'
keys shell Enter
sees 'which works' shell 'in the 42 shell'
text shell fg
keys shell Enter
sees 'fg returns to the same line' shell '[#lobby] kept'
gone 'on a clean screen' shell 'in the 42 shell'
keys shell C-c
keys shell C-d
sees 'it leaves' shell 'prompt>'
text shell 'stty -a | tr " " "\n" | grep -x icanon'
keys shell Enter
sees 'and gives the terminal back' shell 'icanon'

screen term 80 24 "$bin/stonechat --data $A"
sees 'started again' term 'message number 60'
kill -TERM "$(pid_of term)"
sees 'SIGTERM ends it in order' term 'left 143'

screen light 80 24 "COLORFGBG=0\\;15 $bin/stonechat --data $A"
sees 'on a light terminal' light 'message number 60'
keys light C-d
sees 'it works as well' light 'left 0'
screen latin 80 24 "LC_ALL=C $bin/stonechat --data $A"
sees 'and without a UTF-8 locale' latin 'message number 60'
keys latin C-d
sees 'too' latin 'left 0'

done_testing

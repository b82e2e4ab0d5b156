# tests/terminal: the screen as a person sees it, in tmux.
terminal_tests = tests/terminal/chat.sh tests/terminal/plain.sh tests/terminal/terminal.sh
TESTS += $(terminal_tests)
EXTRA_DIST += tests/terminal/lib.sh $(terminal_tests)

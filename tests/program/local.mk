# tests/program: the programs as a person runs them, from the shell.
EXTRA_DIST += tests/program/lib.sh

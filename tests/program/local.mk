# tests/program: the programs as a person runs them, from the shell.
program_tests = tests/program/disk.sh tests/program/errors.sh tests/program/export.sh \
	tests/program/pipe.sh tests/program/pipes.sh tests/program/rooms.sh \
	tests/program/send.sh tests/program/verify.sh
TESTS += $(program_tests)
EXTRA_DIST += tests/program/lib.sh $(program_tests)

# tests/program: the programs as a person runs them, from the shell.
program_tests = tests/program/commands.sh tests/program/damage.sh tests/program/disk.sh \
	tests/program/doctor.sh tests/program/errors.sh \
	tests/program/export.sh tests/program/import.sh tests/program/pipe.sh \
	tests/program/pipes.sh tests/program/rooms.sh \
	tests/program/send.sh tests/program/verify.sh
TESTS += $(program_tests)
EXTRA_DIST += tests/program/lib.sh tests/data/logs/irssi.log \
	tests/data/logs/weechat.log $(program_tests)

# Through a proxy that cuts, delays, swallows and repeats.
harm_tests = tests/program/crash.sh tests/program/cut.sh tests/program/harm.sh \
	tests/program/inject.sh tests/program/past.sh tests/program/storm.sh
TESTS += $(harm_tests)
EXTRA_DIST += tests/program/proxy.sh $(harm_tests)
check_PROGRAMS += tests/program/stonechat-proxy
tests_program_stonechat_proxy_SOURCES = tests/program/proxy.c tests/program/plan.c \
	tests/program/plan.h
tests_program_stonechat_proxy_CFLAGS = $(AM_CFLAGS) -I$(top_srcdir)/tests

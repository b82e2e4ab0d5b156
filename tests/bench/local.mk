# tests/bench: how fast, as ratios taken in one run. Nothing here runs in "make check".
bench_programs = tests/bench/bench_batch tests/bench/bench_server tests/bench/bench_ledger \
	tests/bench/bench_mirror tests/bench/bare tests/bench/relay tests/bench/clerk
EXTRA_PROGRAMS += $(bench_programs)
CLEANFILES += $(bench_programs)

tests_bench_bench_server_SOURCES = tests/bench/bench_server.c tests/bench/load.c \
	tests/bench/load.h tests/bench/table.c tests/bench/table.h
tests_bench_bench_server_CFLAGS = $(test_cflags)
tests_bench_bench_server_LDADD = $(SQLITE_LIBS)
tests_bench_bare_SOURCES = tests/bench/bare.c
tests_bench_clerk_SOURCES = tests/bench/clerk.c
tests_bench_clerk_LDADD = $(SQLITE_LIBS)
tests_bench_relay_SOURCES = tests/bench/relay.c
tests_bench_relay_LDADD = $(net_libs)
tests_bench_bench_ledger_SOURCES = tests/bench/bench_ledger.c tests/bench/table.c \
	tests/bench/table.h
tests_bench_bench_ledger_CFLAGS = $(test_cflags)
tests_bench_bench_ledger_LDADD = $(ledger_libs) $(base_libs)

tests_bench_bench_batch_SOURCES = tests/bench/bench_batch.c tests/bench/table.c \
	tests/bench/table.h
tests_bench_bench_batch_CFLAGS = $(test_cflags)

tests_bench_bench_mirror_SOURCES = tests/bench/bench_mirror.c tests/bench/table.c \
	tests/bench/table.h
tests_bench_bench_mirror_CFLAGS = $(test_cflags)
tests_bench_bench_mirror_LDADD = $(store_libs) $(base_libs)

.PHONY: bench
bench: all $(bench_programs)
	@uname -srm; echo "$$(nproc) processors, load $$(cut -d ' ' -f 1-3 /proc/loadavg)"
	@tests/bench/bench_ledger
	@tests/bench/bench_mirror
	@tests/bench/bench_batch src/stonechat
	@tests/bench/bench_server src/stonechatd tests/bench/bare tests/bench/relay tests/bench/clerk

# Fails only on instructions and memory.
EXTRA_PROGRAMS += tests/bench/work
CLEANFILES += tests/bench/work
EXTRA_DIST += tests/bench/quick.sh tests/bench/limits
tests_bench_work_SOURCES = tests/bench/work.c
tests_bench_work_LDADD = src/libwire.a src/libmodel.a $(base_libs)
.PHONY: bench-quick
bench-quick: all $(bench_programs) tests/bench/work
	@$(AM_TESTS_ENVIRONMENT) $(SHELL) $(srcdir)/tests/bench/quick.sh

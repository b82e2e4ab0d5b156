# tests/bench: how fast, as ratios taken in one run. Nothing here runs in "make check".
EXTRA_PROGRAMS += tests/bench/bench_server tests/bench/bare
tests_bench_bench_server_SOURCES = tests/bench/bench_server.c tests/bench/load.c tests/bench/load.h
tests_bench_bench_server_CFLAGS = $(test_cflags)
tests_bench_bench_server_LDADD = $(SQLITE_LIBS)
tests_bench_bare_SOURCES = tests/bench/bare.c
CLEANFILES += tests/bench/bench_server tests/bench/bare

.PHONY: bench bench-quick
bench: all tests/bench/bench_server tests/bench/bare
	@uname -srm; nproc | sed 's/$$/ processors/'
	tests/bench/bench_server src/stonechatd tests/bench/bare
bench-quick: all tests/bench/bench_server tests/bench/bare
	tests/bench/bench_server src/stonechatd tests/bench/bare quick

# The ledger beside bare SQLite.
EXTRA_PROGRAMS += tests/bench/bench_ledger
tests_bench_bench_ledger_SOURCES = tests/bench/bench_ledger.c
tests_bench_bench_ledger_CFLAGS = $(AM_CFLAGS)
tests_bench_bench_ledger_LDADD = src/libledger.a src/libmodel.a $(base_libs) $(SQLITE_LIBS)
CLEANFILES += tests/bench/bench_ledger
.PHONY: bench-ledger
bench-ledger: tests/bench/bench_ledger
	tests/bench/bench_ledger

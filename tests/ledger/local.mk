# Tests of src/ledger.
ledger_tests = \
	tests/ledger/test_commit
check_PROGRAMS += $(ledger_tests)
TESTS += $(ledger_tests)
ledger_world = tests/ledger/world.c tests/ledger/world.h
ledger_test_libs = src/libledger.a src/libmodel.a $(base_libs) $(SQLITE_LIBS) $(CMOCKA_LIBS)

tests_ledger_test_commit_SOURCES = tests/ledger/test_commit.c $(ledger_world)
tests_ledger_test_commit_CFLAGS = $(test_cflags)
tests_ledger_test_commit_LDADD = $(ledger_test_libs)

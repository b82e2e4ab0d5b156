# Tests of src/ledger.
ledger_tests = \
	tests/ledger/test_commit \
	tests/ledger/test_decide \
	tests/ledger/test_decide_room
check_PROGRAMS += $(ledger_tests)
TESTS += $(ledger_tests)
ledger_world = tests/ledger/world.c tests/ledger/world.h
ledger_test_libs = src/libledger.a src/libmodel.a $(base_libs) $(SQLITE_LIBS) $(CMOCKA_LIBS)

tests_ledger_test_commit_SOURCES = tests/ledger/test_commit.c $(ledger_world)
tests_ledger_test_commit_CFLAGS = $(test_cflags)
tests_ledger_test_commit_LDADD = $(ledger_test_libs)

tests_ledger_test_decide_SOURCES = tests/ledger/test_decide.c
tests_ledger_test_decide_CFLAGS = $(test_cflags)
tests_ledger_test_decide_LDADD = $(ledger_test_libs)

tests_ledger_test_decide_room_SOURCES = tests/ledger/test_decide_room.c
tests_ledger_test_decide_room_CFLAGS = $(test_cflags)
tests_ledger_test_decide_room_LDADD = $(ledger_test_libs)

# Tests of src/ledger.
ledger_tests = \
	tests/ledger/test_commit \
	tests/ledger/test_decide \
	tests/ledger/test_decide_room \
	tests/ledger/test_rooms \
	tests/ledger/test_fold \
	tests/ledger/test_stream \
	tests/ledger/test_mark \
	tests/ledger/test_page \
	tests/ledger/test_admin \
	tests/ledger/test_crash \
	tests/ledger/test_fault \
	tests/ledger/test_edge \
	tests/ledger/test_torture \
	tests/ledger/test_torture_open
check_PROGRAMS += $(ledger_tests)
TESTS += $(ledger_tests)
ledger_world = tests/ledger/world.c tests/ledger/world.h
ledger_test_libs = $(ledger_libs) $(base_libs) $(CMOCKA_LIBS)

tests_ledger_test_commit_SOURCES = tests/ledger/test_commit.c $(ledger_world)
tests_ledger_test_commit_CFLAGS = $(test_cflags)
tests_ledger_test_commit_LDADD = $(ledger_test_libs)

tests_ledger_test_decide_SOURCES = tests/ledger/test_decide.c
tests_ledger_test_decide_CFLAGS = $(test_cflags)
tests_ledger_test_decide_LDADD = $(ledger_test_libs)

tests_ledger_test_decide_room_SOURCES = tests/ledger/test_decide_room.c
tests_ledger_test_decide_room_CFLAGS = $(test_cflags)
tests_ledger_test_decide_room_LDADD = $(ledger_test_libs)

tests_ledger_test_rooms_SOURCES = tests/ledger/test_rooms.c $(ledger_world)
tests_ledger_test_rooms_CFLAGS = $(test_cflags)
tests_ledger_test_rooms_LDADD = $(ledger_test_libs)

tests_ledger_test_fold_SOURCES = tests/ledger/test_fold.c $(ledger_world)
tests_ledger_test_fold_CFLAGS = $(test_cflags)
tests_ledger_test_fold_LDADD = $(ledger_test_libs)

tests_ledger_test_stream_SOURCES = tests/ledger/test_stream.c $(ledger_world)
tests_ledger_test_stream_CFLAGS = $(test_cflags)
tests_ledger_test_stream_LDADD = $(ledger_test_libs)

tests_ledger_test_mark_SOURCES = tests/ledger/test_mark.c $(ledger_world)
tests_ledger_test_mark_CFLAGS = $(test_cflags)
tests_ledger_test_mark_LDADD = $(ledger_test_libs)

tests_ledger_test_page_SOURCES = tests/ledger/test_page.c $(ledger_world)
tests_ledger_test_page_CFLAGS = $(test_cflags)
tests_ledger_test_page_LDADD = $(ledger_test_libs)

tests_ledger_test_admin_SOURCES = tests/ledger/test_admin.c $(ledger_world)
tests_ledger_test_admin_CFLAGS = $(test_cflags)
tests_ledger_test_admin_LDADD = $(ledger_test_libs)

tests_ledger_test_crash_SOURCES = tests/ledger/test_crash.c $(ledger_world)
tests_ledger_test_crash_CFLAGS = $(test_cflags)
tests_ledger_test_crash_LDADD = $(ledger_test_libs)

tests_ledger_test_fault_SOURCES = tests/ledger/test_fault.c $(ledger_world)
tests_ledger_test_fault_CFLAGS = $(test_cflags)
tests_ledger_test_fault_LDADD = $(ledger_test_libs)

tests_ledger_test_edge_SOURCES = tests/ledger/test_edge.c $(ledger_world)
tests_ledger_test_edge_CFLAGS = $(test_cflags)
tests_ledger_test_edge_LDADD = $(ledger_test_libs)

tests_ledger_test_torture_SOURCES = tests/ledger/test_torture.c $(ledger_world)
tests_ledger_test_torture_CFLAGS = $(test_cflags)
tests_ledger_test_torture_LDADD = $(ledger_test_libs)

tests_ledger_test_torture_open_SOURCES = tests/ledger/test_torture_open.c $(ledger_world)
tests_ledger_test_torture_open_CFLAGS = $(test_cflags)
tests_ledger_test_torture_open_LDADD = $(ledger_test_libs)
# A ledger of each version of the tables.
EXTRA_DIST += tests/data/ledger/v1.sql

# Tests of src/sync.
sync_tests = \
	tests/sync/test_conn \
	tests/sync/test_edge \
	tests/sync/test_fetch \
	tests/sync/test_load \
	tests/sync/test_outbox \
	tests/sync/test_own \
	tests/sync/test_page \
	tests/sync/test_random \
	tests/sync/test_ranges \
	tests/sync/test_tail
check_PROGRAMS += $(sync_tests)
TESTS += $(sync_tests)
sync_hand = tests/sync/hand.c tests/sync/hand.h
sync_test_libs = src/libsync.a src/libmodel.a $(base_libs) $(CMOCKA_LIBS)

tests_sync_test_conn_SOURCES = tests/sync/test_conn.c $(sync_hand)
tests_sync_test_conn_CFLAGS = $(test_cflags)
tests_sync_test_conn_LDADD = $(sync_test_libs)
tests_sync_test_fetch_SOURCES = tests/sync/test_fetch.c $(sync_hand)
tests_sync_test_fetch_CFLAGS = $(test_cflags)
tests_sync_test_fetch_LDADD = $(sync_test_libs)
tests_sync_test_outbox_SOURCES = tests/sync/test_outbox.c $(sync_hand)
tests_sync_test_outbox_CFLAGS = $(test_cflags)
tests_sync_test_outbox_LDADD = $(sync_test_libs)
tests_sync_test_random_SOURCES = tests/sync/test_random.c $(sync_hand)
tests_sync_test_random_CFLAGS = $(test_cflags)
tests_sync_test_random_LDADD = $(sync_test_libs)
tests_sync_test_ranges_CFLAGS = $(test_cflags)
tests_sync_test_ranges_LDADD = $(sync_test_libs)
tests_sync_test_tail_SOURCES = tests/sync/test_tail.c $(sync_hand)
tests_sync_test_tail_CFLAGS = $(test_cflags)
tests_sync_test_tail_LDADD = $(sync_test_libs)
tests_sync_test_edge_SOURCES = tests/sync/test_edge.c $(sync_hand)
tests_sync_test_edge_CFLAGS = $(test_cflags)
tests_sync_test_edge_LDADD = $(sync_test_libs)
tests_sync_test_own_SOURCES = tests/sync/test_own.c $(sync_hand)
tests_sync_test_own_CFLAGS = $(test_cflags)
tests_sync_test_own_LDADD = $(sync_test_libs)
tests_sync_test_load_SOURCES = tests/sync/test_load.c $(sync_hand)
tests_sync_test_load_CFLAGS = $(test_cflags)
tests_sync_test_load_LDADD = $(sync_test_libs)
tests_sync_test_page_SOURCES = tests/sync/test_page.c $(sync_hand)
tests_sync_test_page_CFLAGS = $(test_cflags)
tests_sync_test_page_LDADD = $(sync_test_libs)

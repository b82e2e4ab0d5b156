# Tests of src/engine.
check_PROGRAMS += tests/engine/test_account
TESTS += tests/engine/test_account
tests_engine_test_account_SOURCES = tests/engine/fake.c tests/engine/fake.h \
	tests/engine/test_account.c
tests_engine_test_account_CFLAGS = $(test_cflags)
tests_engine_test_account_LDADD = src/libaccount.a src/libdrivers.a src/libsync.a \
	src/libwire.a $(store_libs) $(net_libs) $(CMOCKA_LIBS)

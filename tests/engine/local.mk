# Tests of src/engine.
account_test_libs = src/libaccount.a src/libdrivers.a src/libsync.a src/libwire.a \
	$(store_libs) $(net_libs) $(CMOCKA_LIBS)
account_rig = tests/engine/rig.c tests/engine/rig.h

check_PROGRAMS += tests/engine/test_account tests/engine/test_live
TESTS += tests/engine/test_account tests/engine/test_live
tests_engine_test_account_SOURCES = tests/engine/fake.c tests/engine/fake.h $(account_rig) \
	tests/engine/test_account.c
tests_engine_test_account_CFLAGS = $(test_cflags)
tests_engine_test_account_LDADD = $(account_test_libs)
tests_engine_test_live_SOURCES = $(account_rig) tests/engine/test_live.c
tests_engine_test_live_CFLAGS = $(test_cflags)
tests_engine_test_live_LDADD = $(account_test_libs)

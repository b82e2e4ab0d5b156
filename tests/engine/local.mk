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

check_PROGRAMS += tests/engine/test_queue tests/engine/test_reload
TESTS += tests/engine/test_queue tests/engine/test_reload
tests_engine_test_queue_SOURCES = tests/engine/test_queue.c src/engine/queue.c
tests_engine_test_queue_CFLAGS = $(test_cflags)
tests_engine_test_queue_LDADD = src/libcontrol.a src/libmodel.a src/libloop.a $(base_libs) \
	$(UV_LIBS) $(CMOCKA_LIBS)
tests_engine_test_reload_SOURCES = tests/engine/test_reload.c src/engine/reload.c
tests_engine_test_reload_CFLAGS = $(test_cflags)
tests_engine_test_reload_LDADD = src/libloop.a $(base_libs) $(UV_LIBS) $(CMOCKA_LIBS)

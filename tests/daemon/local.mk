# Tests of src/daemon: a real server in a temporary folder, clients on libnet and libwire.
daemon_test_sources = tests/daemon/server.c tests/daemon/server.h tests/daemon/client.c \
	tests/daemon/client.h
daemon_tests = tests/daemon/test_talk tests/daemon/test_log tests/daemon/test_streams \
	tests/daemon/test_limits tests/daemon/test_life tests/daemon/test_disk \
	tests/daemon/test_slow tests/daemon/test_frames tests/daemon/test_rooms \
	tests/daemon/test_metrics tests/daemon/test_manual
check_PROGRAMS += $(daemon_tests)
TESTS += $(daemon_tests)
tests_daemon_test_talk_SOURCES = tests/daemon/test_talk.c $(daemon_test_sources)
tests_daemon_test_talk_CFLAGS = $(test_cflags)
tests_daemon_test_talk_LDADD = $(daemon_libs) $(CMOCKA_LIBS)
tests_daemon_test_log_SOURCES = tests/daemon/test_log.c $(daemon_test_sources)
tests_daemon_test_log_CFLAGS = $(test_cflags)
tests_daemon_test_log_LDADD = $(daemon_libs) $(CMOCKA_LIBS)
tests_daemon_test_streams_SOURCES = tests/daemon/test_streams.c $(daemon_test_sources)
tests_daemon_test_streams_CFLAGS = $(test_cflags)
tests_daemon_test_streams_LDADD = $(daemon_libs) $(CMOCKA_LIBS)
tests_daemon_test_limits_SOURCES = tests/daemon/test_limits.c tests/daemon/raw.c \
	tests/daemon/raw.h $(daemon_test_sources)
tests_daemon_test_limits_CFLAGS = $(test_cflags)
tests_daemon_test_limits_LDADD = $(daemon_libs) $(CMOCKA_LIBS)
tests_daemon_test_frames_SOURCES = tests/daemon/test_frames.c tests/daemon/raw.c \
	tests/daemon/raw.h $(daemon_test_sources)
tests_daemon_test_frames_CFLAGS = $(test_cflags)
tests_daemon_test_frames_LDADD = $(daemon_libs) $(CMOCKA_LIBS)
tests_daemon_test_rooms_SOURCES = tests/daemon/test_rooms.c $(daemon_test_sources)
tests_daemon_test_rooms_CFLAGS = $(test_cflags)
tests_daemon_test_rooms_LDADD = $(daemon_libs) $(CMOCKA_LIBS)
tests_daemon_test_life_SOURCES = tests/daemon/test_life.c $(daemon_test_sources)
tests_daemon_test_life_CFLAGS = $(test_cflags)
tests_daemon_test_life_LDADD = $(daemon_libs) $(CMOCKA_LIBS)
tests_daemon_test_disk_SOURCES = tests/daemon/test_disk.c $(daemon_test_sources)
tests_daemon_test_disk_CFLAGS = $(test_cflags)
tests_daemon_test_disk_LDADD = $(daemon_libs) $(CMOCKA_LIBS)
tests_daemon_test_slow_SOURCES = tests/daemon/test_slow.c $(daemon_test_sources)
tests_daemon_test_slow_CFLAGS = $(test_cflags)
tests_daemon_test_slow_LDADD = $(daemon_libs) $(CMOCKA_LIBS)
tests_daemon_test_metrics_CFLAGS = $(test_cflags)
tests_daemon_test_metrics_LDADD = $(daemon_libs) $(CMOCKA_LIBS)
tests_daemon_test_manual_CFLAGS = $(test_cflags)
tests_daemon_test_manual_LDADD = $(daemon_libs) $(CMOCKA_LIBS)

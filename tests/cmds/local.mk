# Tests of src/cmds, on a mirror and an engine in memory.
cmds_tests = tests/cmds/test_chatlog tests/cmds/test_lines tests/cmds/test_log tests/cmds/test_run tests/cmds/test_send \
	tests/cmds/test_settings tests/cmds/test_tail
check_PROGRAMS += $(cmds_tests)
TESTS += $(cmds_tests)
cmds_fake = tests/cmds/fake.c tests/cmds/fake.h
cmds_test_libs = src/libcmds.a src/libcontrol.a src/libmodel.a src/libloop.a $(base_libs) \
	$(UV_LIBS) $(CMOCKA_LIBS)

tests_cmds_test_chatlog_CFLAGS = $(test_cflags)
tests_cmds_test_chatlog_LDADD = $(cmds_test_libs)
tests_cmds_test_lines_SOURCES = tests/cmds/test_lines.c $(cmds_fake)
tests_cmds_test_lines_CFLAGS = $(test_cflags) -I$(top_srcdir)/tests/cmds
tests_cmds_test_lines_LDADD = $(cmds_test_libs)
tests_cmds_test_log_SOURCES = tests/cmds/test_log.c $(cmds_fake)
tests_cmds_test_log_CFLAGS = $(test_cflags) -I$(top_srcdir)/tests/cmds
tests_cmds_test_log_LDADD = $(cmds_test_libs)
tests_cmds_test_run_SOURCES = tests/cmds/test_run.c $(cmds_fake)
tests_cmds_test_run_CFLAGS = $(test_cflags) -I$(top_srcdir)/tests/cmds
tests_cmds_test_run_LDADD = $(cmds_test_libs)
tests_cmds_test_send_SOURCES = tests/cmds/test_send.c $(cmds_fake)
tests_cmds_test_send_CFLAGS = $(test_cflags) -I$(top_srcdir)/tests/cmds
tests_cmds_test_send_LDADD = $(cmds_test_libs)
tests_cmds_test_settings_SOURCES = tests/cmds/test_settings.c $(cmds_fake)
tests_cmds_test_settings_CFLAGS = $(test_cflags) -I$(top_srcdir)/tests/cmds
tests_cmds_test_settings_LDADD = $(cmds_test_libs)
tests_cmds_test_tail_SOURCES = tests/cmds/test_tail.c $(cmds_fake)
tests_cmds_test_tail_CFLAGS = $(test_cflags) -I$(top_srcdir)/tests/cmds
tests_cmds_test_tail_LDADD = $(cmds_test_libs)

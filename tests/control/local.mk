# Tests of src/control.
EXTRA_DIST += tests/data/control.lines
control_tests = tests/control/test_codec tests/control/test_lag tests/control/test_link \
	tests/control/test_lock tests/control/test_remote tests/control/test_sock \
	tests/control/test_spawn
check_PROGRAMS += $(control_tests)
TESTS += $(control_tests)
control_test_libs = src/libcontrol.a src/libmodel.a src/libloop.a $(base_libs) $(UV_LIBS) \
	$(CMOCKA_LIBS)

tests_control_test_codec_CFLAGS = $(test_cflags)
tests_control_test_codec_LDADD = $(control_test_libs)
tests_control_test_lag_CFLAGS = $(test_cflags)
tests_control_test_lag_LDADD = $(control_test_libs)
tests_control_test_link_CFLAGS = $(test_cflags)
tests_control_test_link_LDADD = $(control_test_libs)
tests_control_test_lock_CFLAGS = $(test_cflags)
tests_control_test_lock_LDADD = $(control_test_libs)
tests_control_test_remote_CFLAGS = $(test_cflags)
tests_control_test_remote_LDADD = $(control_test_libs)
tests_control_test_sock_CFLAGS = $(test_cflags)
tests_control_test_sock_LDADD = $(control_test_libs)
tests_control_test_spawn_CFLAGS = $(test_cflags)
tests_control_test_spawn_LDADD = $(control_test_libs)

# Tests of src/loop.
loop_tests = tests/loop/test_loop tests/loop/test_child
check_PROGRAMS += $(loop_tests)
TESTS += $(loop_tests)
loop_test_libs = src/libloop.a $(base_libs) $(UV_LIBS) $(CMOCKA_LIBS)
tests_loop_test_loop_CFLAGS = $(test_cflags)
tests_loop_test_loop_LDADD = $(loop_test_libs)
tests_loop_test_child_CFLAGS = $(test_cflags)
tests_loop_test_child_LDADD = $(loop_test_libs)

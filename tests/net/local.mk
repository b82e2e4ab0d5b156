# Tests of src/net.
net_tests = tests/net/test_ws
check_PROGRAMS += $(net_tests)
TESTS += $(net_tests)
net_fixture = tests/net/fixture.c tests/net/fixture.h tests/net/raw.c tests/net/raw.h
net_test_libs = $(net_libs) $(CMOCKA_LIBS)
tests_net_test_ws_SOURCES = tests/net/test_ws.c $(net_fixture)
tests_net_test_ws_CFLAGS = $(test_cflags)
tests_net_test_ws_LDADD = $(net_test_libs)

# Tests of src/net.
net_tests = tests/net/test_ws tests/net/test_frames tests/net/test_server \
	tests/net/test_client tests/net/test_tls tests/net/test_plugin tests/net/test_http \
	tests/net/test_http_limits
check_PROGRAMS += $(net_tests)
TESTS += $(net_tests)
net_fixture = tests/net/fixture.c tests/net/fixture.h tests/net/raw.c tests/net/raw.h
net_test_libs = $(net_libs) $(CMOCKA_LIBS)
tests_net_test_ws_SOURCES = tests/net/test_ws.c $(net_fixture)
tests_net_test_ws_CFLAGS = $(test_cflags)
tests_net_test_ws_LDADD = $(net_test_libs)
tests_net_test_frames_SOURCES = tests/net/test_frames.c $(net_fixture)
tests_net_test_frames_CFLAGS = $(test_cflags)
tests_net_test_frames_LDADD = $(net_test_libs)
tests_net_test_server_SOURCES = tests/net/test_server.c $(net_fixture)
tests_net_test_server_CFLAGS = $(test_cflags)
tests_net_test_server_LDADD = $(net_test_libs)
tests_net_test_client_SOURCES = tests/net/test_client.c $(net_fixture)
tests_net_test_client_CFLAGS = $(test_cflags)
tests_net_test_client_LDADD = $(net_test_libs)
tests_net_test_tls_SOURCES = tests/net/test_tls.c tests/net/cert.c tests/net/cert.h \
	$(net_fixture)
tests_net_test_tls_CFLAGS = $(test_cflags)
tests_net_test_tls_LDADD = $(net_test_libs)
net_asked = tests/net/asked.c tests/net/asked.h $(net_fixture)
tests_net_test_http_SOURCES = tests/net/test_http.c tests/net/cert.c tests/net/cert.h \
	$(net_asked)
tests_net_test_http_CFLAGS = $(test_cflags)
tests_net_test_http_LDADD = $(net_test_libs)
tests_net_test_http_limits_SOURCES = tests/net/test_http_limits.c $(net_asked)
tests_net_test_http_limits_CFLAGS = $(test_cflags)
tests_net_test_http_limits_LDADD = $(net_test_libs)
tests_net_test_plugin_CFLAGS = $(test_cflags)
tests_net_test_plugin_LDADD = $(net_test_libs)

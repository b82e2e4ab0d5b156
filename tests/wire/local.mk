# Tests of src/wire.
wire_tests = \
	tests/wire/test_body \
	tests/wire/test_cases \
	tests/wire/test_encode \
	tests/wire/test_members \
	tests/wire/test_read \
	tests/wire/test_roundtrip
check_PROGRAMS += $(wire_tests)
TESTS += $(wire_tests)
wire_cases = \
	tests/data/wire/handshake.case \
	tests/data/wire/hostile.case \
	tests/data/wire/live.case \
	tests/data/wire/log.case \
	tests/data/wire/send.case
EXTRA_DIST += tests/data/wire/README $(wire_cases)
wire_test_libs = src/libwire.a src/libmodel.a $(base_libs) $(CMOCKA_LIBS)

tests_wire_test_body_CFLAGS = $(test_cflags)
tests_wire_test_body_LDADD = $(wire_test_libs)
tests_wire_test_cases_CFLAGS = $(test_cflags)
tests_wire_test_cases_LDADD = $(wire_test_libs)
tests_wire_test_encode_CFLAGS = $(test_cflags)
tests_wire_test_encode_LDADD = $(wire_test_libs)
tests_wire_test_members_CFLAGS = $(test_cflags)
tests_wire_test_members_LDADD = $(wire_test_libs)
tests_wire_test_read_CFLAGS = $(test_cflags)
tests_wire_test_read_LDADD = $(wire_test_libs)
tests_wire_test_roundtrip_CFLAGS = $(test_cflags)
tests_wire_test_roundtrip_LDADD = $(wire_test_libs)

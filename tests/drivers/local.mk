# Tests of src/drivers.
check_PROGRAMS += tests/drivers/test_native
TESTS += tests/drivers/test_native
tests_drivers_test_native_CFLAGS = $(test_cflags)
tests_drivers_test_native_LDADD = src/libdrivers.a src/libsync.a src/libwire.a src/libmodel.a \
	$(net_libs) $(CMOCKA_LIBS)

# Tests of src/sql.
sql_tests = \
	tests/sql/test_sql
check_PROGRAMS += $(sql_tests)
TESTS += $(sql_tests)

tests_sql_test_sql_CFLAGS = $(test_cflags)
tests_sql_test_sql_LDADD = $(sql_libs) $(base_libs) $(CMOCKA_LIBS)

# Tests of src/base.
EXTRA_DIST += tests/test.h
base_tests = \
	tests/base/test_args \
	tests/base/test_buf \
	tests/base/test_clock \
	tests/base/test_conf \
	tests/base/test_err \
	tests/base/test_i18n \
	tests/base/test_id \
	tests/base/test_json \
	tests/base/test_log \
	tests/base/test_map \
	tests/base/test_path \
	tests/base/test_text \
	tests/base/test_utf8 \
	tests/base/test_width
check_PROGRAMS += $(base_tests)
TESTS += $(base_tests)
base_test_libs = $(base_libs) $(CMOCKA_LIBS)

tests_base_test_args_CFLAGS = $(test_cflags)
tests_base_test_args_LDADD = $(base_test_libs)
tests_base_test_buf_CFLAGS = $(test_cflags)
tests_base_test_buf_LDADD = $(base_test_libs)
tests_base_test_clock_CFLAGS = $(test_cflags)
tests_base_test_clock_LDADD = $(base_test_libs)
tests_base_test_conf_CFLAGS = $(test_cflags)
tests_base_test_conf_LDADD = $(base_test_libs)
tests_base_test_err_CFLAGS = $(test_cflags)
tests_base_test_err_LDADD = $(base_test_libs)
tests_base_test_i18n_CFLAGS = $(test_cflags)
tests_base_test_i18n_LDADD = $(base_test_libs)
tests_base_test_id_CFLAGS = $(test_cflags)
tests_base_test_id_LDADD = $(base_test_libs)
tests_base_test_json_CFLAGS = $(test_cflags)
tests_base_test_json_LDADD = $(base_test_libs)
tests_base_test_log_CFLAGS = $(test_cflags)
tests_base_test_log_LDADD = $(base_test_libs)
tests_base_test_map_CFLAGS = $(test_cflags)
tests_base_test_map_LDADD = $(base_test_libs)
tests_base_test_path_CFLAGS = $(test_cflags)
tests_base_test_path_LDADD = $(base_test_libs)
tests_base_test_text_CFLAGS = $(test_cflags)
tests_base_test_text_LDADD = $(base_test_libs)
tests_base_test_utf8_CFLAGS = $(test_cflags)
tests_base_test_utf8_LDADD = $(base_test_libs)
tests_base_test_width_CFLAGS = $(test_cflags)
tests_base_test_width_LDADD = $(base_test_libs)

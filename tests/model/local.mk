# Tests of src/model.
check_PROGRAMS += tests/model/test_words tests/model/test_encode
TESTS += tests/model/test_words tests/model/test_encode

tests_model_test_words_CFLAGS = $(test_cflags)
tests_model_test_words_LDADD = src/libmodel.a $(CMOCKA_LIBS)
tests_model_test_encode_CFLAGS = $(test_cflags)
tests_model_test_encode_LDADD = src/libmodel.a src/libbase.a $(JANSSON_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/model/test_model
TESTS += tests/model/test_model
tests_model_test_model_CFLAGS = $(test_cflags)
tests_model_test_model_LDADD = src/libmodel.a $(base_libs) $(CMOCKA_LIBS)

# Tests of src/term.
check_PROGRAMS += tests/term/test_keyboard tests/term/test_line
TESTS += tests/term/test_keyboard tests/term/test_line

tests_term_test_keyboard_CFLAGS = $(test_cflags)
tests_term_test_keyboard_LDADD = src/libterm.a src/libbase.a $(CMOCKA_LIBS)
tests_term_test_line_CFLAGS = $(test_cflags)
tests_term_test_line_LDADD = src/libterm.a $(base_libs) $(READLINE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/term/test_present
TESTS += tests/term/test_present
tests_term_test_present_SOURCES = tests/term/test_present.c tests/term/vt.c tests/term/vt.h
tests_term_test_present_CFLAGS = $(test_cflags)
tests_term_test_present_LDADD = src/libterm.a src/libui.a src/libmodel.a $(base_libs) \
	$(CURSES_LIBS) $(READLINE_LIBS) $(CMOCKA_LIBS)

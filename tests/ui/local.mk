# Tests of src/ui.
check_PROGRAMS += tests/ui/test_canvas tests/ui/test_screens
TESTS += tests/ui/test_canvas tests/ui/test_screens

ui_test_libs = src/libui.a src/libmodel.a $(base_libs) $(CMOCKA_LIBS)
tests_ui_test_canvas_CFLAGS = $(test_cflags)
tests_ui_test_canvas_LDADD = $(ui_test_libs)
tests_ui_test_screens_SOURCES = tests/ui/test_screens.c tests/ui/team.c tests/ui/team.h
tests_ui_test_screens_CFLAGS = $(test_cflags)
tests_ui_test_screens_LDADD = $(ui_test_libs)

# src/term: see src/LAYERS for what it may include.
noinst_LIBRARIES += src/libterm.a
src_libterm_a_SOURCES = \
	src/term/history.c src/term/history.h \
	src/term/impl.h \
	src/term/keyboard.c src/term/keyboard.h \
	src/term/line.c src/term/line.h \
	src/term/modes.c src/term/modes.h \
	src/term/present.c \
	src/term/term.c src/term/term.h

# src/ui: see src/LAYERS for what it may include.
noinst_LIBRARIES += src/libui.a
src_libui_a_SOURCES = \
	src/ui/bars.c src/ui/draw.h \
	src/ui/canvas.c src/ui/canvas.h \
	src/ui/input.c \
	src/ui/keys.c src/ui/keys.h \
	src/ui/layout.c src/ui/layout.h \
	src/ui/list.c \
	src/ui/rows.c src/ui/rows.h \
	src/ui/scr-chat.c src/ui/scr-help.c src/ui/screens.c \
	src/ui/style.h \
	src/ui/theme.c src/ui/theme.h \
	src/ui/ui.c src/ui/ui.h \
	src/ui/view.c src/ui/view.h \
	src/ui/wrap.c src/ui/wrap.h

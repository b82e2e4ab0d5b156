# src/front: the program stonechat. It links no network and no TLS library.
bin_PROGRAMS += src/stonechat
noinst_LIBRARIES += src/libfront.a
src_libfront_a_SOURCES = src/front/batch.c src/front/batch.h src/front/front.c src/front/front.h \
	src/front/globals.c src/front/globals.h src/front/input.c src/front/input.h \
	src/front/place.c src/front/place.h src/front/plain.c src/front/plain.h \
	src/front/plain-cmds.c src/front/plain-line.c src/front/plain-talk.c \
	src/front/screen.c src/front/screen.h src/front/screen-cmds.c src/front/screen-draft.c \
	src/front/screen-keys.c src/front/screen-line.c src/front/screen-place.c \
	src/front/screen-read.c src/front/typed.c src/front/typed.h

front_libs = src/libfront.a src/libterm.a src/libui.a src/libcmds.a src/libcontrol.a src/libloop.a $(store_libs) \
	$(UV_LIBS) $(CURSES_LIBS) $(READLINE_LIBS) $(base_libs)
src_stonechat_SOURCES = src/front/main.c
src_stonechat_LDADD = $(front_libs)

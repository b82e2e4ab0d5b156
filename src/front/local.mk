# src/front: the program stonechat. It links no network and no TLS library.
bin_PROGRAMS += src/stonechat
noinst_LIBRARIES += src/libfront.a
src_libfront_a_SOURCES = src/front/batch.c src/front/batch.h src/front/front.c src/front/front.h \
	src/front/globals.c src/front/globals.h src/front/input.c src/front/input.h

front_libs = src/libfront.a src/libcmds.a src/libcontrol.a src/libloop.a $(store_libs) \
	$(UV_LIBS) $(base_libs)
src_stonechat_SOURCES = src/front/main.c
src_stonechat_LDADD = $(front_libs)

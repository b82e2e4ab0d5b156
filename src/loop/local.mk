# src/loop: see src/LAYERS for what it may include.
noinst_LIBRARIES += src/libloop.a
src_libloop_a_SOURCES = src/loop/loop.h src/loop/impl.h src/loop/loop.c \
	src/loop/loop_uv.c src/loop/loop_fake.c src/loop/child.c \
	src/loop/lookup.c

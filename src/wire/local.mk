# src/wire: see src/LAYERS for what it may include.
noinst_LIBRARIES += src/libwire.a
src_libwire_a_SOURCES = \
	src/wire/arena.c src/wire/arena.h \
	src/wire/body.c \
	src/wire/decode.c \
	src/wire/encode.c \
	src/wire/frames.c \
	src/wire/put.c src/wire/put.h \
	src/wire/read.c src/wire/read.h \
	src/wire/table.h \
	src/wire/take.c src/wire/take.h \
	src/wire/wire.h

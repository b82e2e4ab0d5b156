# src/sync: see src/LAYERS for what it may include.
noinst_LIBRARIES += src/libsync.a
src_libsync_a_SOURCES = \
	src/sync/conn.c \
	src/sync/conv.c \
	src/sync/core.h \
	src/sync/fetch.c \
	src/sync/load.c \
	src/sync/outbox.c \
	src/sync/own.c \
	src/sync/planted.h \
	src/sync/pump.c \
	src/sync/ranges.c src/sync/ranges.h \
	src/sync/sync.c src/sync/sync.h \
	src/sync/tail.c

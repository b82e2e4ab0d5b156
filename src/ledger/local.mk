# src/ledger: see src/LAYERS for what it may include.
noinst_LIBRARIES += src/libledger.a
src_libledger_a_SOURCES = \
	src/ledger/admin.c \
	src/ledger/append.c src/ledger/append.h \
	src/ledger/backup.c \
	src/ledger/check.c \
	src/ledger/commit.c src/ledger/commit.h \
	src/ledger/decide-room.c src/ledger/decide-room.h \
	src/ledger/decide.c src/ledger/decide.h \
	src/ledger/effects.c src/ledger/effects.h \
	src/ledger/facts.c src/ledger/facts.h \
	src/ledger/fold.c src/ledger/fold.h \
	src/ledger/ledger.h \
	src/ledger/marks.c src/ledger/marks.h \
	src/ledger/open.c src/ledger/open.h \
	src/ledger/page.c \
	src/ledger/queries.c src/ledger/queries.h \
	src/ledger/reader.c src/ledger/reader.h \
	src/ledger/rooms.c src/ledger/rooms.h \
	src/ledger/runs.c src/ledger/runs.h \
	src/ledger/schema.c src/ledger/schema.h \
	src/ledger/state.c src/ledger/state.h

# What a program links with when it links src/libledger.a.
ledger_libs = src/libledger.a src/libmodel.a $(sql_libs)

# src/ledger: see src/LAYERS for what it may include.
noinst_LIBRARIES += src/libledger.a
src_libledger_a_SOURCES = \
	src/ledger/decide-room.c src/ledger/decide-room.h \
	src/ledger/decide.c src/ledger/decide.h \
	src/ledger/ledger.h

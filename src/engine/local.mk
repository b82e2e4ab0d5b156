# src/engine: see src/LAYERS for what it may include.

# The account, apart from the program, so that tests can drive it.
noinst_LIBRARIES += src/libaccount.a
src_libaccount_a_SOURCES = \
	src/engine/account-ask.c \
	src/engine/account-call.c \
	src/engine/account-fetch.c \
	src/engine/account-impl.h \
	src/engine/account-room.c \
	src/engine/account-run.c \
	src/engine/account-send.c \
	src/engine/account-tell.c \
	src/engine/account.c src/engine/account.h

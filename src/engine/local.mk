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
	src/engine/account-verify.c \
	src/engine/account.c src/engine/account.h \
	src/engine/archive.c src/engine/archive.h src/engine/archive-take.c

libexec_PROGRAMS += src/stonechat-engine
src_stonechat_engine_SOURCES = src/engine/main.c src/engine/engine.c src/engine/engine.h \
	src/engine/local.c src/engine/local.h src/engine/members.c \
	src/engine/predial.c src/engine/predial.h src/engine/queue.c src/engine/queue.h \
	src/engine/reload.c src/engine/reload.h src/engine/verbs.c \
	src/engine/wake.c src/engine/wake.h
src_stonechat_engine_LDADD = src/libaccount.a src/libcmds.a src/libcontrol.a src/libdrivers.a \
	src/libsync.a src/libwire.a $(store_libs) $(net_libs)

systemduserunit_DATA = contrib/systemd/stonechat-engine.service
EXTRA_DIST += contrib/systemd/stonechat-engine.service.in
contrib/systemd/stonechat-engine.service: contrib/systemd/stonechat-engine.service.in Makefile
	@mkdir -p contrib/systemd
	$(AM_V_GEN)sed 's,[@]libexecdir[@],$(libexecdir),' \
		$(srcdir)/contrib/systemd/stonechat-engine.service.in >$@

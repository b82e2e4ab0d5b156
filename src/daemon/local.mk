# src/daemon: see src/LAYERS for what it may include. All but main.c is a library, so that tests
# can take parts of it.
bin_PROGRAMS += src/stonechatd
noinst_LIBRARIES += src/libdaemon.a
src_libdaemon_a_SOURCES = \
	src/daemon/admin.c src/daemon/admin.h \
	src/daemon/ask.c src/daemon/ask.h \
	src/daemon/bytes.c src/daemon/bytes.h \
	src/daemon/conn.c src/daemon/conn.h \
	src/daemon/control.c src/daemon/control.h \
	src/daemon/crowd.c src/daemon/crowd.h \
	src/daemon/daemon.h \
	src/daemon/fetch.c src/daemon/fetch.h \
	src/daemon/flow.c src/daemon/flow.h \
	src/daemon/heads.c src/daemon/heads.h \
	src/daemon/hello.c src/daemon/hello.h \
	src/daemon/listen.c src/daemon/listen.h \
	src/daemon/mark.c src/daemon/mark.h \
	src/daemon/metrics.c src/daemon/metrics.h \
	src/daemon/options.c src/daemon/options.h \
	src/daemon/post.c src/daemon/post.h \
	src/daemon/presence.c src/daemon/presence.h \
	src/daemon/room.c src/daemon/room.h \
	src/daemon/run.c src/daemon/run.h \
	src/daemon/serve.c src/daemon/serve.h \
	src/daemon/stream.c src/daemon/stream.h src/daemon/stream-impl.h \
	src/daemon/stream-ops.c \
	src/daemon/subs.c src/daemon/subs.h \
	src/daemon/topic.c src/daemon/topic.h \
	src/daemon/unixsock.c src/daemon/unixsock.h \
	src/daemon/user.c src/daemon/user.h \
	src/daemon/warn.c src/daemon/warn.h \
	src/daemon/writer.c src/daemon/writer.h
daemon_libs = src/libdaemon.a src/libwire.a $(ledger_libs) $(net_libs) \
	$(SYSTEMD_LIBS)
src_stonechatd_SOURCES = src/daemon/main.c
src_stonechatd_LDADD = $(daemon_libs)

# The units know where the program is.
systemdsystemunitdir = $(prefix)/lib/systemd/system
systemduserunitdir = $(prefix)/lib/systemd/user
systemdsystemunit_DATA = contrib/systemd/stonechatd.service
systemduserunit_DATA += contrib/systemd/stonechatd-user.service
EXTRA_DIST += contrib/systemd/stonechatd.service.in contrib/systemd/stonechatd-user.service.in \
	contrib/systemd/stonechatd.conf
CLEANFILES += $(systemdsystemunit_DATA) $(systemduserunit_DATA)
contrib/systemd/stonechatd.service: contrib/systemd/stonechatd.service.in Makefile
	@mkdir -p contrib/systemd
	$(AM_V_GEN)sed 's,[@]bindir[@],$(bindir),' $(srcdir)/contrib/systemd/stonechatd.service.in >$@
contrib/systemd/stonechatd-user.service: contrib/systemd/stonechatd-user.service.in Makefile
	@mkdir -p contrib/systemd
	$(AM_V_GEN)sed 's,[@]bindir[@],$(bindir),' $(srcdir)/contrib/systemd/stonechatd-user.service.in >$@

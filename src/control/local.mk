# src/control: the socket between front and engine, both ends.
noinst_LIBRARIES += src/libcontrol.a
src_libcontrol_a_SOURCES = src/control/api.h \
	src/control/codec.c src/control/codec.h src/control/fields.c src/control/fields.h \
	src/control/dial.c src/control/dial.h src/control/lag.c src/control/lag.h \
	src/control/link.c src/control/link.h src/control/lock.c src/control/lock.h \
	src/control/remote.c src/control/remote.h src/control/serve.c src/control/serve.h \
	src/control/sock.c src/control/sock.h src/control/spawn.c src/control/spawn.h

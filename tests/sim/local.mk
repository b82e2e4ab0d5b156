# The simulator: many worlds, each decided by its seed. Not a gate yet: see HACKING.
EXTRA_PROGRAMS += tests/sim/stonechat-sim
CLEANFILES += tests/sim/stonechat-sim
tests_sim_stonechat_sim_SOURCES = tests/sim/sim.h tests/sim/main.c tests/sim/world.c \
	tests/sim/client.c tests/sim/receive.c tests/sim/mirror.c tests/sim/server.c \
	tests/sim/check.c
tests_sim_stonechat_sim_CFLAGS = $(test_cflags)
tests_sim_stonechat_sim_LDADD = src/libsync.a $(ledger_libs) $(base_libs)

# The simulator: many worlds, each decided by its seed. It runs the sync core with the bugs that can
# be planted in it (src/sync/planted.h).
check_LIBRARIES = tests/sim/libplanted.a
tests_sim_libplanted_a_SOURCES = $(src_libsync_a_SOURCES)
tests_sim_libplanted_a_CPPFLAGS = $(AM_CPPFLAGS) -DSYNC_PLANTED
check_PROGRAMS += tests/sim/stonechat-sim
tests_sim_stonechat_sim_SOURCES = tests/sim/sim.h tests/sim/main.c tests/sim/swarm.c \
	tests/sim/world.c tests/sim/client.c tests/sim/receive.c tests/sim/mirror.c \
	tests/sim/server.c tests/sim/check.c tests/sim/deliver.c tests/sim/fold.c \
	tests/sim/workload.c
tests_sim_stonechat_sim_CPPFLAGS = $(AM_CPPFLAGS) -DSYNC_PLANTED
tests_sim_stonechat_sim_CFLAGS = $(test_cflags)
tests_sim_stonechat_sim_LDADD = tests/sim/libplanted.a $(ledger_libs) $(base_libs)
TESTS += tests/sim/seeds.sh
EXTRA_DIST += tests/sim/seeds.sh tests/sim/README

.PHONY: soak
soak: tests/sim/stonechat-sim
	tests/sim/stonechat-sim --soak --from $${SEED:-1}

# The second layer: the real store and ledger on a disk that fails.
check_PROGRAMS += tests/sim/stonechat-disk
tests_sim_stonechat_disk_SOURCES = tests/sim/disk.h tests/sim/disk.c tests/sim/disk-ledger.c \
	tests/sim/disk-look.c tests/sim/disk-mirror.c tests/sim/vfs.h tests/sim/vfs-inside.h \
	tests/sim/vfs.c tests/sim/vfs-calls.c
tests_sim_stonechat_disk_CFLAGS = $(test_cflags)
tests_sim_stonechat_disk_LDADD = src/libstore.a $(ledger_libs) $(base_libs)
TESTS += tests/sim/disk.sh
EXTRA_DIST += tests/sim/disk.sh

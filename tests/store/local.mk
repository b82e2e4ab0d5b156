# Tests of src/store.
store_tests = \
	tests/store/test_crash \
	tests/store/test_damage \
	tests/store/test_fold \
	tests/store/test_migrate \
	tests/store/test_reader \
	tests/store/test_torture \
	tests/store/test_writer
check_PROGRAMS += $(store_tests)
TESTS += $(store_tests)
store_mirror = tests/store/mirror.c tests/store/mirror.h
store_test_libs = $(store_libs) $(base_libs) $(CMOCKA_LIBS)

tests_store_test_crash_SOURCES = tests/store/test_crash.c $(store_mirror)
tests_store_test_crash_CFLAGS = $(test_cflags)
tests_store_test_crash_LDADD = $(store_test_libs)
tests_store_test_damage_SOURCES = tests/store/test_damage.c $(store_mirror)
tests_store_test_damage_CFLAGS = $(test_cflags)
tests_store_test_damage_LDADD = $(store_test_libs)
tests_store_test_fold_SOURCES = tests/store/test_fold.c $(store_mirror)
tests_store_test_fold_CFLAGS = $(test_cflags)
tests_store_test_fold_LDADD = $(store_test_libs)
tests_store_test_reader_SOURCES = tests/store/test_reader.c $(store_mirror)
tests_store_test_reader_CFLAGS = $(test_cflags)
tests_store_test_reader_LDADD = $(store_test_libs)
tests_store_test_writer_SOURCES = tests/store/test_writer.c $(store_mirror)
tests_store_test_writer_CFLAGS = $(test_cflags)
tests_store_test_writer_LDADD = $(store_test_libs)
tests_store_test_migrate_SOURCES = tests/store/test_migrate.c $(store_mirror)
tests_store_test_migrate_CFLAGS = $(test_cflags)
tests_store_test_migrate_LDADD = $(store_test_libs)
tests_store_test_torture_SOURCES = tests/store/test_torture.c $(store_mirror)
tests_store_test_torture_CFLAGS = $(test_cflags)
tests_store_test_torture_LDADD = $(store_test_libs)
# A mirror of each version of the tables: sqlite3 mirror.db .dump, and its user_version.
EXTRA_DIST += tests/data/mirror/v1.sql

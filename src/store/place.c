/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening the right file in the right way. */
#include "store/place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/path.h"
#include "sql/schema.h"
#include "store/salvage.h"
#include "store/schema.h"

#define GENERATION_MAX 9999
#define CACHE_WRITE_KIB 4096
#define CACHE_READ_KIB 1024
#define WAL_KIB 4096
#define CONDEMNED "mirror-damaged"	/* a file that says so */

char *
place_path(const char *dir, int generation)
{
	if (generation <= 1)
		return path_join(dir, "mirror.db");
	return xasprintf("%s/mirror-%d.db", dir, generation);
}

int
place_generation(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int newest = 0, n, end;

	if (d == NULL)
		return 0;
	while ((e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, "mirror.db") == 0 && newest == 0)
			newest = 1;
		end = 0;
		if (sscanf(e->d_name, "mirror-%4d.db%n", &n, &end) == 1 && end > 0
				&& e->d_name[end] == '\0' && n > newest && n <= GENERATION_MAX)
			newest = n;
	}
	closedir(d);
	return newest;
}

static struct sql *
open_one(const char *path, const char *const *sql, size_t n, bool *is_damaged, struct err *err)
{
	struct sql_setup setup = { .mode = SQL_WRITE, .text = sql, .n = n,
		.cache_kib = CACHE_WRITE_KIB, .wal_kib = WAL_KIB };
	struct sql *db = sql_open(path, &setup, is_damaged, err);

	if (db == NULL)
		return NULL;
	if (sql_schema_prepare(db, &mirror_schema, err))
		return db;
	*is_damaged = sql_is_damaged(db);
	err_wrap(err, "%s", path);
	sql_close(db);
	return NULL;
}

/* Made 0600 whatever the umask; an existing one is only looked at, since opening and closing it
 * here would drop the locks of whoever has it open in this process. */
static bool
is_ours(const char *path, struct err *err)
{
	struct stat st;
	int fd;

	if (lstat(path, &st) == 0) {
		if (S_ISREG(st.st_mode) && st.st_uid == geteuid())
			return true;
		return err_set(err, ERR_FAIL, _("%s is not a file of ours"), path);
	}
	fd = path_open(path, O_RDWR | O_CREAT | O_EXCL, err);
	if (fd < 0)
		return false;
	close(fd);
	return true;
}

void
place_condemn(const char *dir)
{
	char *path = path_join(dir, CONDEMNED);
	int fd = path_open(path, O_WRONLY | O_CREAT, NULL);

	if (fd >= 0)
		close(fd);
	free(path);
}

static struct sql *
open_next(const char *dir, int generation, const char *old, const char *const *sql, size_t n,
		size_t *saved, struct err *err)
{
	char *path = place_path(dir, generation), *mark = path_join(dir, CONDEMNED);
	struct sql *db = NULL;
	bool is_damaged;

	if (is_ours(path, err))
		db = open_one(path, sql, n, &is_damaged, err);
	if (db != NULL) {
		*saved = salvage(old, db);
		unlink(mark);
	}
	free(mark);
	free(path);
	return db;
}

static bool
is_condemned(const char *dir)
{
	char *path = path_join(dir, CONDEMNED);
	bool is_there = access(path, F_OK) == 0;

	free(path);
	return is_there;
}

struct sql *
place_open_writer(const char *dir, const char *const *sql, size_t n, char **aside, size_t *saved,
		struct err *err)
{
	int generation = place_generation(dir);
	struct sql *db = NULL;
	bool is_damaged;
	char *path;

	*aside = NULL;
	*saved = 0;
	if (!path_make_dir(dir, err) || !sql_folder_ok(dir, err))
		return NULL;
	path = place_path(dir, generation);
	is_damaged = generation > 0 && is_condemned(dir);
	if (!is_damaged && is_ours(path, err))
		db = open_one(path, sql, n, &is_damaged, err);
	if (db == NULL && is_damaged && generation < GENERATION_MAX)
		db = open_next(dir, generation + 1, path, sql, n, saved, err);
	if (db != NULL && is_damaged)
		*aside = path;
	else
		free(path);
	return db;
}

struct sql *
place_open_reader(const char *dir, int generation, const char *const *sql, size_t n,
		struct err *err)
{
	char *path, *wal;
	struct sql_setup setup = { .mode = SQL_READ, .text = sql, .n = n,
		.cache_kib = CACHE_READ_KIB };
	struct sql *db;

	if (generation == 0) {
		err_set(err, ERR_USAGE, _("nothing mirrored yet"));
		return NULL;
	}
	path = place_path(dir, generation);
	wal = xasprintf("%s-wal", path);
	/* reading makes -wal and -shm beside it; where it may not, and there is nothing in a WAL
	 * that it would miss, the file can be taken as it is */
	if (access(dir, W_OK) != 0 && access(wal, F_OK) != 0)
		setup.mode = SQL_IMMUTABLE;
	db = sql_open(path, &setup, NULL, err);
	if (db != NULL && !schema_check(db, err)) {
		sql_close(db);
		db = NULL;
	}
	free(wal);
	free(path);
	return db;
}

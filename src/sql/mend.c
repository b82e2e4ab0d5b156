/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first page of a database, made anew; SQLite, "Database File Format", section 1.3. */
#include "sql/mend.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/path.h"
#include "sql/inside.h"

#define PAGE 4096		/* bytes; what SQLite takes for new files */
#define WAL_FORMAT 2
enum { AT_WRITE_FORMAT = 18, AT_READ_FORMAT, AT_PAGES = 28 };

static bool
first_page(const struct sql_schema *schema, unsigned char page[PAGE], struct err *err)
{
	struct sql_setup setup = { .mode = SQL_MEMORY, .cache_kib = 1024 };
	struct sql *sql = sql_open(":memory:", &setup, NULL, err);
	unsigned char *bytes = NULL;
	sqlite3_int64 n = 0;

	if (sql != NULL && sql_schema_prepare(sql, schema, err))
		bytes = sqlite3_serialize(sql->h, "main", &n, 0);
	if (bytes != NULL && n >= PAGE)
		memcpy(page, bytes, PAGE);
	else if (sql != NULL)
		err_set(err, ERR_FAIL, "%s", _("out of memory"));
	sqlite3_free(bytes);
	sql_close(sql);
	return n >= PAGE;
}

bool
sql_mend_first_page(const char *path, const struct sql_schema *schema, struct err *err)
{
	unsigned char page[PAGE];
	struct stat st;
	bool ok;
	int fd;

	if (!first_page(schema, page, err))
		return false;
	fd = path_open(path, O_RDWR, err);
	if (fd < 0)
		return false;
	ok = fstat(fd, &st) == 0 && st.st_size >= PAGE;
	for (int i = 0; ok && i < 4; i++)
		page[AT_PAGES + i] = (unsigned char)(st.st_size / PAGE >> (24 - 8 * i));
	page[AT_WRITE_FORMAT] = page[AT_READ_FORMAT] = WAL_FORMAT;
	ok = ok && pwrite(fd, page, PAGE, 0) == PAGE;
	close(fd);
	return ok || err_set(err, ERR_FAIL, _("%s cannot be mended"), path);
}

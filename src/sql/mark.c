/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two slots that are written in turn, each with its own checksum. */
#include "sql/mark.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"

#define SLOT 80			/* three numbers of 20 digits and the checksum, a line */

static void
format(const struct mark *m, char out[SLOT + 1])
{
	uint64_t h = 0xcbf29ce484222325u;
	int n = snprintf(out, SLOT + 1, "%020" PRId64 " %020" PRId64 " %020" PRId64 " ", m->tick,
			m->count[0], m->count[1]);

	for (int i = 0; i < n; i++)
		h = (h ^ (unsigned char)out[i]) * 0x100000001b3u;
	snprintf(out + n, (size_t)(SLOT + 1 - n), "%016" PRIx64 "\n", h);
}

/* False when the slot is not whole. */
static bool
parse(const char *slot, struct mark *m)
{
	char again[SLOT + 1], *end;

	m->tick = strtoll(slot, &end, 10);
	m->count[0] = strtoll(end, &end, 10);
	m->count[1] = strtoll(end, &end, 10);
	format(m, again);
	return m->tick >= 0 && memcmp(slot, again, SLOT) == 0;
}

static int
open_and_read(const char *path, int flags, struct mark *mark, struct err *err)
{
	int fd = path_open(path, flags, err);
	char slots[2 * SLOT + 1] = "";
	struct mark one;

	memset(mark, 0, sizeof *mark);
	if (fd >= 0 && pread(fd, slots, 2 * SLOT, 0) < 0) {
		err_sys(err, ERR_FAIL, "%s", path);
		close(fd);
		fd = -1;
	}
	if (fd < 0)
		return -1;
	for (int i = 0; i < 2; i++)
		if (parse(slots + i * SLOT, &one) && one.tick > mark->tick)
			*mark = one;
	return fd;
}

int
mark_open(const char *path, struct mark *mark, struct err *err)
{
	return open_and_read(path, O_RDWR | O_CREAT, mark, err);
}

bool
mark_read(const char *path, struct mark *mark, struct err *err)
{
	int fd;

	errno = 0;
	fd = open_and_read(path, O_RDONLY, mark, err);
	if (fd < 0)
		return errno == ENOENT;
	close(fd);
	return true;
}

void
mark_put(int fd, const struct mark *mark)
{
	char slot[SLOT + 1];
	ssize_t n;

	format(mark, slot);
	n = pwrite(fd, slot, SLOT, mark->tick & 1 ? SLOT : 0);
	(void)n;
}

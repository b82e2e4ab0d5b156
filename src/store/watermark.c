/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two slots that are written in turn, each with its own checksum. */
#include "store/watermark.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path.h"

#define SLOT 80			/* three numbers of 20 digits and the checksum, a line */

static void
format(const struct watermark *m, char out[SLOT + 1])
{
	uint64_t h = 0xcbf29ce484222325u;
	int n = snprintf(out, SLOT + 1, "%020" PRId64 " %020" PRId64 " %020" PRId64 " ", m->tick,
			m->outbox, m->drafts);

	for (int i = 0; i < n; i++)
		h = (h ^ (unsigned char)out[i]) * 0x100000001b3u;
	snprintf(out + n, (size_t)(SLOT + 1 - n), "%016" PRIx64 "\n", h);
}

/* False when the slot is not whole. */
static bool
parse(const char *slot, struct watermark *m)
{
	char again[SLOT + 1], *end;

	m->tick = strtoll(slot, &end, 10);
	m->outbox = strtoll(end, &end, 10);
	m->drafts = strtoll(end, &end, 10);
	format(m, again);
	return m->tick >= 0 && memcmp(slot, again, SLOT) == 0;
}

/* fd of the file opened with flags; -1 and err on failure. */
static int
open_and_read(const char *dir, int flags, struct watermark *mark, struct err *err)
{
	char *path = path_join(dir, "high-water");
	int fd = path_open(path, flags, err);
	char slots[2 * SLOT + 1] = "";
	struct watermark one;

	memset(mark, 0, sizeof *mark);
	if (fd >= 0 && pread(fd, slots, 2 * SLOT, 0) < 0) {
		err_sys(err, ERR_FAIL, "%s", path);
		close(fd);
		fd = -1;
	}
	free(path);
	if (fd < 0)
		return -1;
	for (int i = 0; i < 2; i++)
		if (parse(slots + i * SLOT, &one) && one.tick > mark->tick)
			*mark = one;
	return fd;
}

int
watermark_open(const char *dir, struct watermark *mark, struct err *err)
{
	return open_and_read(dir, O_RDWR | O_CREAT, mark, err);
}

bool
watermark_read(const char *dir, struct watermark *mark, struct err *err)
{
	int fd;

	errno = 0;
	fd = open_and_read(dir, O_RDONLY, mark, err);
	if (fd < 0)
		return errno == ENOENT;	/* nothing of the person's own was ever stored */
	close(fd);
	return true;
}

void
watermark_put(int fd, const struct watermark *mark)
{
	char slot[SLOT + 1];
	ssize_t n;

	format(mark, slot);
	n = pwrite(fd, slot, SLOT, mark->tick & 1 ? SLOT : 0);
	(void)n;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two slots that are written in turn, each with its own checksum. */
#include "ledger/highwater.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"

#define SLOT 38			/* 20 digits, a space, 16 digits, LF */

static uint64_t
checksum(int64_t tick)
{
	uint64_t h = (uint64_t)tick ^ UINT64_C(0x9e3779b97f4a7c15);

	h = (h ^ h >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	h = (h ^ h >> 27) * UINT64_C(0x94d049bb133111eb);
	return h ^ h >> 31;
}

static void
format(int64_t tick, char out[SLOT + 1])
{
	snprintf(out, SLOT + 1, "%020" PRId64 " %016" PRIx64 "\n", tick, checksum(tick));
}

/* The tick of a slot, 0 when it is not whole. */
static int64_t
parse(const char *slot)
{
	char again[SLOT + 1];
	int64_t tick = strtoll(slot, NULL, 10);

	if (tick < 0)
		return 0;
	format(tick, again);
	return memcmp(slot, again, SLOT) == 0 ? tick : 0;
}

int
highwater_open(const char *path, int64_t *tick, struct err *err)
{
	int fd = path_open(path, O_RDWR | O_CREAT, err);
	char slots[2 * SLOT + 1] = "";
	int64_t a, b;

	if (fd < 0)
		return -1;
	if (pread(fd, slots, 2 * SLOT, 0) < 0) {
		err_sys(err, ERR_FAIL, "%s", path);
		close(fd);
		return -1;
	}
	a = parse(slots);
	b = parse(slots + SLOT);
	*tick = a > b ? a : b;
	return fd;
}

void
highwater_put(int fd, int64_t tick)
{
	char slot[SLOT + 1];
	ssize_t n;

	format(tick, slot);
	n = pwrite(fd, slot, SLOT, tick & 1 ? SLOT : 0);
	(void)n;
}

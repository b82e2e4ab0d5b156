/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files are what programs see (now) and what a power cut leaves (safe), with the writes between the
 * two. The calls of SQLite are in vfs-calls.c. */
#include "sim/vfs.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sim/vfs-inside.h"

#define SECTOR 512

static struct vfs vfs;

struct vfs *
vfs_get(void)
{
	return &vfs;
}

/* splitmix64 */
uint64_t
vfs_roll(uint64_t n)
{
	uint64_t z = vfs.dice += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (z ^ z >> 31) % n;
}

struct vfs_lies *
vfs_lies(void)
{
	return &vfs.lies;
}

/* ---- contents ---- */

void
image_write(struct image *im, size_t at, const void *p, size_t n)
{
	if (at + n > im->cap) {
		size_t cap = (at + n) * 3 / 2;

		im->p = xrealloc(im->p, cap);
		im->cap = cap;
	}
	if (at > im->n)
		memset(im->p + im->n, 0, at - im->n);
	memcpy(im->p + at, p, n);
	if (at + n > im->n)
		im->n = at + n;
}

static void
image_copy(struct image *to, const struct image *from)
{
	to->n = 0;
	if (from->n > 0)
		image_write(to, 0, from->p, from->n);
}

static void
forget_pending(struct inode *ino)
{
	for (size_t i = 0; i < ino->pending.n; i++)
		free(ino->pending.v[i].p);
	ino->pending.n = 0;
}

void
inode_write(struct inode *ino, size_t at, const void *p, size_t n)
{
	struct pending *w = arr_new(&ino->pending);

	*w = (struct pending){ .at = at, .n = n, .p = xmemdup(p, n) };
	image_write(&ino->now, at, p, n);
}

void
inode_cut(struct inode *ino, size_t n)
{
	struct pending *w = arr_new(&ino->pending);

	*w = (struct pending){ .at = n };
	if (n < ino->now.n)
		ino->now.n = n;
}

/* The first sync of a new file syncs its folder: what was deleted there stays so. */
static void
sync_folder(const struct machine *m)
{
	for (size_t i = 0; i < vfs.inodes.n; i++) {
		struct inode *ino = vfs.inodes.v[i];

		if (ino->machine == m && !ino->is_there)
			ino->is_entered = ino->has_ghost = false;
	}
}

void
inode_sync(struct inode *ino)
{
	if (!ino->is_entered)
		sync_folder(ino->machine);
	image_copy(&ino->safe, &ino->now);
	forget_pending(ino);
	ino->is_entered = true;
	ino->ghost.n = 0;
	ino->has_ghost = false;
}

/* A file that was made anew is another one: until its entry is safe, the old one may come back. */
void
inode_remake(struct inode *ino)
{
	if (ino->is_entered && !ino->has_ghost) {
		image_copy(&ino->ghost, &ino->safe);
		ino->has_ghost = true;
	}
	forget_pending(ino);
	ino->now.n = ino->safe.n = 0;
	ino->is_there = true;
	ino->is_entered = false;
}

/* ---- power cuts ---- */

static void
settle_one(struct inode *ino, const struct pending *w)
{
	uint64_t how = vfs_roll(4);

	if (how == 0)
		return;
	if (w->p == NULL) {
		if (w->at < ino->safe.n)
			ino->safe.n = w->at;
		return;
	}
	for (size_t done = 0; done < w->n;) {
		size_t at = w->at + done, k = SECTOR - at % SECTOR;

		if (k > w->n - done)
			k = w->n - done;
		if (how < 3 || vfs_roll(2) == 0)
			image_write(&ino->safe, at, w->p + done, k);
		done += k;
	}
}

static void
cut_power(struct inode *ino)
{
	if (!ino->is_entered && (ino->has_ghost || !ino->is_there) && vfs_roll(2)) {
		/* the entry did not reach the disk: what was there before is there again */
		ino->is_there = ino->has_ghost;
		image_copy(&ino->safe, &ino->ghost);
	} else if (ino->is_there || vfs_roll(2)) {
		for (size_t i = 0; i < ino->pending.n; i++)
			settle_one(ino, &ino->pending.v[i]);
		ino->is_there = ino->is_there || ino->is_entered;
	}
	forget_pending(ino);
	ino->has_ghost = false;
	image_copy(&ino->now, &ino->safe);
	ino->is_entered = ino->is_there;
}

void
vfs_boot(const char *dir, bool with_cut)
{
	struct machine *m = machine_of(dir);

	for (size_t i = 0; i < vfs.inodes.n; i++) {
		struct inode *ino = vfs.inodes.v[i];

		if (ino->machine != m)
			continue;
		assert(ino->refs == 0);
		if (with_cut)
			cut_power(ino);
		inode_free_shm(ino);
		ino->locks = (struct locks){ 0 };
	}
	m->is_dead = false;
	m->left = -1;
}

/* ---- machines ---- */

struct machine *
machine_of(const char *path)
{
	struct machine *m;

	for (size_t i = 0; i < vfs.n_machines; i++)
		if (strncmp(vfs.machines[i].dir, path, strlen(vfs.machines[i].dir)) == 0)
			return &vfs.machines[i];
	assert(vfs.n_machines < MACHINES_MAX);
	m = &vfs.machines[vfs.n_machines++];
	*m = (struct machine){ .dir = xstrdup(path), .left = -1, .fault_in = -1 };
	return m;
}

void
vfs_arm(const char *dir, int n)
{
	machine_of(dir)->left = n;
}

void
vfs_fail(const char *dir, enum vfs_fault fault, int n, bool stays)
{
	struct machine *m = machine_of(dir);

	m->fault = fault;
	m->fault_in = n;
	m->stays = stays;
}

void
vfs_heal(const char *dir)
{
	vfs_fail(dir, FAULT_NONE, -1, false);
}

bool
vfs_is_dead(const char *dir)
{
	return machine_of(dir)->is_dead;
}

size_t
vfs_ops(const char *dir)
{
	return machine_of(dir)->ops;
}

void
vfs_hold(const char *dir, bool on)
{
	machine_of(dir)->is_held = on;
}

void
vfs_kill(const char *dir)
{
	struct machine *m = machine_of(dir);

	m->is_dead = true;
	m->life++;
}

bool
vfs_flip(const char *dir, const char *suffix)
{
	struct machine *m = machine_of(dir);

	for (size_t i = 0; i < vfs.inodes.n; i++) {
		struct inode *ino = vfs.inodes.v[i];
		size_t n = strlen(ino->name), k = strlen(suffix);

		if (ino->machine != m || n < k || strcmp(ino->name + n - k, suffix) != 0
				|| !ino->is_there || ino->now.n == 0)
			continue;
		ino->now.p[vfs_roll(ino->now.n)] ^= (unsigned char)(1u << vfs_roll(8));
		image_copy(&ino->safe, &ino->now);
		forget_pending(ino);
		return true;
	}
	return false;
}

void
vfs_copy(const char *from, const char *to)
{
	struct machine *a = machine_of(from), *b = machine_of(to);

	for (size_t i = 0; i < vfs.inodes.n; i++)
		if (vfs.inodes.v[i]->machine == b) {
			assert(vfs.inodes.v[i]->refs == 0);
			inode_free_shm(vfs.inodes.v[i]);
			forget_pending(vfs.inodes.v[i]);
			vfs.inodes.v[i]->is_there = false;
			vfs.inodes.v[i]->now.n = 0;
		}
	for (size_t i = 0; i < vfs.inodes.n; i++) {
		struct inode *ino = vfs.inodes.v[i], *twin;
		char name[PATH_MAX_LEN];

		if (ino->machine != a || !ino->is_there)
			continue;
		snprintf(name, sizeof name, "%s%s", to, ino->name + strlen(a->dir));
		twin = inode_named(name, true);
		twin->is_there = twin->is_entered = true;
		image_copy(&twin->now, &ino->now);
		image_copy(&twin->safe, &ino->now);
	}
	b->is_dead = false;
}

void
vfs_begin(uint64_t seed)
{
	vfs.dice = seed;
	vfs_register();
}

void
vfs_end(void)
{
	vfs_unregister();
	for (size_t i = 0; i < vfs.inodes.n; i++) {
		struct inode *ino = vfs.inodes.v[i];

		forget_pending(ino);
		arr_done(&ino->pending);
		inode_free_shm(ino);
		free(ino->now.p);
		free(ino->safe.p);
		free(ino->ghost.p);
		free(ino->name);
		free(ino);
	}
	arr_done(&vfs.inodes);
	for (size_t i = 0; i < vfs.n_machines; i++)
		free(vfs.machines[i].dir);
	memset(&vfs, 0, sizeof vfs);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The calls that SQLite makes: files, locks, shared memory of the write-ahead log's index. */
#include <assert.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sim/vfs-inside.h"

struct file {
	sqlite3_file base;
	struct inode *ino;
	int life, level;
	unsigned shm_shared, shm_owned;	/* bits */
	bool is_wal, is_temp;
};

static sqlite3_vfs *real;

struct inode *
inode_named(const char *name, bool make)
{
	struct vfs *v = vfs_get();
	struct inode *ino;

	for (size_t i = 0; i < v->inodes.n; i++)
		if (strcmp(v->inodes.v[i]->name, name) == 0)
			return v->inodes.v[i];
	if (!make)
		return NULL;
	ino = xcalloc(1, sizeof *ino);
	ino->name = xstrdup(name);
	ino->machine = machine_of(name);
	arr_push(&v->inodes, ino);
	return ino;
}

void
inode_free_shm(struct inode *ino)
{
	for (int i = 0; i < SHM_REGIONS; i++) {
		free(ino->shm[i]);
		ino->shm[i] = NULL;
	}
	memset(ino->shm_shared, 0, sizeof ino->shm_shared);
	memset(ino->shm_owned, 0, sizeof ino->shm_owned);
}

static bool
is_stale(const struct file *f)
{
	return f->ino->machine->is_dead || f->life != f->ino->machine->life;
}

/* Counts a write or sync: did the process die of it, or does it fail? */
static int
count(struct file *f, bool is_sync)
{
	struct machine *m = f->ino->machine;
	bool counts = is_sync == (m->fault == FAULT_SYNC);

	m->ops++;
	if (m->left >= 0 && m->left-- == 0) {
		m->is_dead = true;
		m->life++;
		return SQLITE_IOERR;
	}
	if (m->fault == FAULT_NONE || !counts || m->fault_in-- > 0)
		return SQLITE_OK;
	m->fault_in = 0;
	if (!m->stays) {
		enum vfs_fault was = m->fault;

		m->fault = FAULT_NONE;
		return was == FAULT_FULL ? SQLITE_FULL : SQLITE_IOERR;
	}
	return m->fault == FAULT_FULL ? SQLITE_FULL : SQLITE_IOERR;
}

/* ---- files ---- */

static int
f_read(sqlite3_file *file, void *p, int n, sqlite3_int64 at)
{
	struct file *f = (struct file *)file;
	const struct image *im = &f->ino->now;
	size_t have = (size_t)at < im->n ? im->n - (size_t)at : 0;

	if (is_stale(f))
		return SQLITE_IOERR_READ;
	if (have > (size_t)n)
		have = (size_t)n;
	if (have > 0)
		memcpy(p, im->p + at, have);
	memset((char *)p + have, 0, (size_t)n - have);
	return have == (size_t)n ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int
f_write(sqlite3_file *file, const void *p, int n, sqlite3_int64 at)
{
	struct file *f = (struct file *)file;
	int rc;

	if (f->is_temp) {
		image_write(&f->ino->now, (size_t)at, p, (size_t)n);
		return SQLITE_OK;
	}
	if (is_stale(f))
		return SQLITE_IOERR_WRITE;
	rc = count(f, false);
	/* of a write that does not return, a part may have been done */
	if (rc != SQLITE_OK)
		n = (int)vfs_roll((uint64_t)n + 1);
	if (n > 0)
		inode_write(f->ino, (size_t)at, p, (size_t)n);
	return rc == SQLITE_IOERR ? SQLITE_IOERR_WRITE : rc;
}

static int
f_truncate(sqlite3_file *file, sqlite3_int64 n)
{
	struct file *f = (struct file *)file;

	if (is_stale(f))
		return SQLITE_IOERR_TRUNCATE;
	inode_cut(f->ino, (size_t)n);
	return SQLITE_OK;
}

static int
f_sync(sqlite3_file *file, int flags)
{
	struct file *f = (struct file *)file;
	const struct vfs_lies *lies = vfs_lies();
	int rc;

	(void)flags;
	if (is_stale(f))
		return SQLITE_IOERR_FSYNC;
	rc = count(f, true);
	if (rc != SQLITE_OK)
		return lies->sync_errors && !f->ino->machine->is_dead ? SQLITE_OK
			: SQLITE_IOERR_FSYNC;
	if (!(f->is_wal ? lies->wal_sync : lies->file_sync))
		inode_sync(f->ino);
	return SQLITE_OK;
}

static int
f_size(sqlite3_file *file, sqlite3_int64 *n)
{
	*n = (sqlite3_int64)((struct file *)file)->ino->now.n;
	return is_stale((struct file *)file) ? SQLITE_IOERR_FSTAT : SQLITE_OK;
}

/* ---- locks of the file: SHARED counts, the others are one's own ---- */

static void
unlock_to(struct file *f, int level)
{
	struct locks *l = &f->ino->locks;

	if (f->life != f->ino->machine->life)
		return;
	if (f->level >= SQLITE_LOCK_EXCLUSIVE)
		l->exclusive = 0;
	if (f->level >= SQLITE_LOCK_RESERVED)
		l->reserved = 0;
	if (f->level >= SQLITE_LOCK_SHARED && level < SQLITE_LOCK_SHARED)
		l->shared--;
	f->level = level;
}

static int
f_lock(sqlite3_file *file, int level)
{
	struct file *f = (struct file *)file;
	struct locks *l = &f->ino->locks;

	if (is_stale(f))
		return SQLITE_IOERR_LOCK;
	if (level <= f->level)
		return SQLITE_OK;
	if (f->level < SQLITE_LOCK_SHARED) {
		if (l->exclusive)
			return SQLITE_BUSY;
		l->shared++;
		f->level = SQLITE_LOCK_SHARED;
	}
	if (level >= SQLITE_LOCK_RESERVED && f->level < SQLITE_LOCK_RESERVED) {
		if (l->reserved)
			return SQLITE_BUSY;
		l->reserved = 1;
		f->level = SQLITE_LOCK_RESERVED;
	}
	if (level == SQLITE_LOCK_EXCLUSIVE) {
		if (l->shared > 1)
			return SQLITE_BUSY;
		l->exclusive = 1;
		f->level = SQLITE_LOCK_EXCLUSIVE;
	}
	return SQLITE_OK;
}

static int
f_unlock(sqlite3_file *file, int level)
{
	struct file *f = (struct file *)file;

	if (level < f->level)
		unlock_to(f, level);
	return SQLITE_OK;
}

static int
f_reserved(sqlite3_file *file, int *out)
{
	*out = ((struct file *)file)->ino->locks.reserved;
	return SQLITE_OK;
}

static int
f_control(sqlite3_file *file, int op, void *arg)
{
	(void)file, (void)op, (void)arg;
	return SQLITE_NOTFOUND;
}

static int
f_sector(sqlite3_file *file)
{
	(void)file;
	return 512;
}

static int
f_device(sqlite3_file *file)
{
	(void)file;
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

/* ---- shared memory ---- */

static int
shm_map(sqlite3_file *file, int region, int size, int extend, void volatile **out)
{
	struct file *f = (struct file *)file;

	*out = NULL;
	if (is_stale(f))
		return SQLITE_IOERR_SHMMAP;
	assert(region < SHM_REGIONS);
	if (f->ino->shm[region] == NULL && extend)
		f->ino->shm[region] = xcalloc(1, (size_t)size);
	*out = f->ino->shm[region];
	return SQLITE_OK;
}

static bool
shm_is_free(const struct file *f, int i, bool shared)
{
	const struct inode *ino = f->ino;

	if (ino->shm_owned[i] && !(f->shm_owned & 1u << i))
		return false;
	return shared || ino->shm_shared[i] == (int)(f->shm_shared >> i & 1);
}

static void
shm_set(struct file *f, int i, int flags)
{
	unsigned bit = 1u << i;

	if (flags & SQLITE_SHM_LOCK) {
		if (flags & SQLITE_SHM_SHARED && !(f->shm_shared & bit)) {
			f->ino->shm_shared[i]++;
			f->shm_shared |= bit;
		} else if (flags & SQLITE_SHM_EXCLUSIVE) {
			f->ino->shm_owned[i] = true;
			f->shm_owned |= bit;
		}
		return;
	}
	if (f->shm_shared & bit)
		f->ino->shm_shared[i]--;
	if (f->shm_owned & bit)
		f->ino->shm_owned[i] = false;
	f->shm_shared &= ~bit;
	f->shm_owned &= ~bit;
}

static int
shm_lock(sqlite3_file *file, int at, int n, int flags)
{
	struct file *f = (struct file *)file;
	bool shared = flags & SQLITE_SHM_SHARED;

	if (is_stale(f))
		return flags & SQLITE_SHM_LOCK ? SQLITE_IOERR_SHMLOCK : SQLITE_OK;
	if (flags & SQLITE_SHM_LOCK) {
		/* the first is the writer's, the second the checkpointer's */
		if (f->ino->machine->is_held && at < 2 && !shared)
			return SQLITE_BUSY;
		for (int i = at; i < at + n; i++)
			if (!shm_is_free(f, i, shared))
				return SQLITE_BUSY;
	}
	for (int i = at; i < at + n; i++)
		shm_set(f, i, flags);
	return SQLITE_OK;
}

static void
shm_barrier(sqlite3_file *file)
{
	(void)file;
}

static int
shm_unmap(sqlite3_file *file, int del)
{
	struct file *f = (struct file *)file;

	for (int i = 0; i < SHM_LOCKS && f->life == f->ino->machine->life; i++)
		shm_set(f, i, SQLITE_SHM_UNLOCK);
	if (del && !is_stale(f))
		inode_free_shm(f->ino);
	return SQLITE_OK;
}

static int
f_close(sqlite3_file *file)
{
	struct file *f = (struct file *)file;

	f->ino->refs--;
	unlock_to(f, SQLITE_LOCK_NONE);
	if (f->is_temp) {
		free(f->ino->now.p);
		free(f->ino);
	}
	return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
	.iVersion = 2, .xClose = f_close, .xRead = f_read, .xWrite = f_write,
	.xTruncate = f_truncate, .xSync = f_sync, .xFileSize = f_size, .xLock = f_lock,
	.xUnlock = f_unlock, .xCheckReservedLock = f_reserved, .xFileControl = f_control,
	.xSectorSize = f_sector, .xDeviceCharacteristics = f_device, .xShmMap = shm_map,
	.xShmLock = shm_lock, .xShmBarrier = shm_barrier, .xShmUnmap = shm_unmap,
};

/* ---- the folder ---- */

static struct inode *
anonymous(void)
{
	static struct machine none = { .left = -1, .fault_in = -1 };
	struct inode *ino = xcalloc(1, sizeof *ino);

	ino->machine = &none;
	return ino;
}

static int
v_open(sqlite3_vfs *v, const char *name, sqlite3_file *file, int flags, int *out)
{
	struct file *f = (struct file *)file;
	struct inode *ino;

	(void)v;
	memset(f, 0, sizeof *f);
	if (name == NULL || flags & (SQLITE_OPEN_TEMP_DB | SQLITE_OPEN_TEMP_JOURNAL)) {
		f->is_temp = true;
		ino = anonymous();
	} else {
		/* whoever opens a database has made the empty file */
		ino = inode_named(name, flags & (SQLITE_OPEN_CREATE | SQLITE_OPEN_MAIN_DB));
		if (machine_of(name)->is_dead || ino == NULL)
			return SQLITE_CANTOPEN;
		if (!ino->is_there && flags & SQLITE_OPEN_MAIN_DB) {
			ino->is_there = ino->is_entered = true;
		} else if (!ino->is_there) {
			if (!(flags & SQLITE_OPEN_CREATE))
				return SQLITE_CANTOPEN;
			inode_remake(ino);
		}
	}
	f->ino = ino;
	f->is_wal = flags & SQLITE_OPEN_WAL;
	f->life = ino->machine->life;
	f->base.pMethods = &methods;
	ino->refs++;
	if (out != NULL)
		*out = flags;
	return SQLITE_OK;
}

static int
v_delete(sqlite3_vfs *v, const char *name, int sync_dir)
{
	struct inode *ino = inode_named(name, false);

	(void)v;
	if (ino == NULL || !ino->is_there)
		return SQLITE_IOERR_DELETE_NOENT;
	if (ino->machine->is_dead)
		return SQLITE_IOERR_DELETE;
	ino->is_there = false;
	if (sync_dir)
		ino->is_entered = ino->has_ghost = false;
	return SQLITE_OK;
}

static int
v_access(sqlite3_vfs *v, const char *name, int flags, int *out)
{
	struct inode *ino = inode_named(name, false);

	(void)v;
	*out = ino != NULL && ino->is_there
		&& (flags != SQLITE_ACCESS_EXISTS || ino->now.n > 0);
	return SQLITE_OK;
}

static int
v_path(sqlite3_vfs *v, const char *name, int n, char *out)
{
	(void)v;
	return str_copy(out, (size_t)n, name) ? SQLITE_OK : SQLITE_CANTOPEN;
}

static int
v_random(sqlite3_vfs *v, int n, char *out)
{
	(void)v;
	for (int i = 0; i < n; i++)
		out[i] = (char)vfs_roll(256);
	return n;
}

static int
v_sleep(sqlite3_vfs *v, int us)
{
	(void)v;
	return us;
}

static int
v_time(sqlite3_vfs *v, sqlite3_int64 *ms)
{
	(void)v;
	*ms = 212000000000000;
	return SQLITE_OK;
}

static int
v_error(sqlite3_vfs *v, int n, char *out)
{
	(void)v, (void)n, (void)out;
	return 0;
}

static sqlite3_vfs sim = {
	.iVersion = 2, .szOsFile = sizeof(struct file), .mxPathname = PATH_MAX_LEN,
	.zName = "sim", .xOpen = v_open, .xDelete = v_delete, .xAccess = v_access,
	.xFullPathname = v_path, .xRandomness = v_random, .xSleep = v_sleep,
	.xCurrentTimeInt64 = v_time, .xGetLastError = v_error,
};

void
vfs_register(void)
{
	real = sqlite3_vfs_find(NULL);
	sqlite3_vfs_register(&sim, 1);
	sqlite3_randomness(0, NULL);	/* begins anew */
}

void
vfs_unregister(void)
{
	sqlite3_vfs_register(real, 1);
}

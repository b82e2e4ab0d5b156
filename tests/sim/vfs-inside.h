/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two halves of the file system share. */
#ifndef TESTS_SIM_VFS_INSIDE_H
#define TESTS_SIM_VFS_INSIDE_H

#include <stdio.h>

#include "base/arr.h"
#include "sim/vfs.h"

#define MACHINES_MAX 4
#define PATH_MAX_LEN 256
#define SHM_REGIONS 16
#define SHM_LOCKS 8

struct image { unsigned char *p; size_t n, cap; };
struct pending { size_t at, n; unsigned char *p; };	/* p NULL: cut to at */
struct locks { int shared, reserved, pending, exclusive; };

struct machine {
	char *dir;
	int life, left, fault_in;
	enum vfs_fault fault;
	bool stays, is_dead, is_held;
	size_t ops;
};

struct inode {
	char *name;
	struct machine *machine;
	/* is_entered: its directory entry is safe */
	bool is_there, is_entered, has_ghost;
	int refs;
	struct image now, safe, ghost;
	arr(struct pending) pending;
	struct locks locks;
	unsigned char *shm[SHM_REGIONS];
	int shm_shared[SHM_LOCKS];
	bool shm_owned[SHM_LOCKS];
};

struct vfs {
	uint64_t dice;
	struct vfs_lies lies;
	struct machine machines[MACHINES_MAX];
	size_t n_machines;
	arr(struct inode *) inodes;
};

struct vfs *vfs_get(void);
struct machine *machine_of(const char *path);
void image_write(struct image *im, size_t at, const void *p, size_t n);
void inode_write(struct inode *ino, size_t at, const void *p, size_t n);
void inode_cut(struct inode *ino, size_t n);
void inode_sync(struct inode *ino);
void inode_remake(struct inode *ino);
/* vfs-calls.c */
struct inode *inode_named(const char *name, bool make);
void inode_free_shm(struct inode *ino);
void vfs_register(void);
void vfs_unregister(void);

#endif

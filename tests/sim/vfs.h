/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file system for SQLite that lives in memory and fails as a disk does: a power cut loses, tears
 * and reorders what was not synced, a process dies at any write or sync, and errors come when they
 * are told to. What happens follows from the dice alone. */
#ifndef TESTS_SIM_VFS_H
#define TESTS_SIM_VFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum vfs_fault { FAULT_NONE, FAULT_WRITE, FAULT_SYNC, FAULT_FULL };

/* What a broken program, or a lying disk, would leave out. */
struct vfs_lies { bool wal_sync, sync_errors, file_sync; };

/* Makes it SQLite's default. All chance is drawn from seed. */
void vfs_begin(uint64_t seed);
void vfs_end(void);			/* every connection must be closed */
uint64_t vfs_roll(uint64_t n);		/* 0 … n-1, from the file system's own dice */
struct vfs_lies *vfs_lies(void);

/* Files below dir are one machine's. After n more writes and syncs of it its process dies: every
 * call of its handles fails then, and nothing changes any more. n < 0: it does not. */
void vfs_arm(const char *dir, int n);
/* After n more of them the call fails with this fault, once or from then on. */
void vfs_fail(const char *dir, enum vfs_fault fault, int n, bool stays);
void vfs_heal(const char *dir);
bool vfs_is_dead(const char *dir);
size_t vfs_ops(const char *dir);	/* writes and syncs so far */
/* Nobody may take a write lock: keeps work in the background out of the way. */
void vfs_hold(const char *dir, bool on);
void vfs_kill(const char *dir);
/* To be called when the dead process's connections are closed. with_cut: the power went as
 * well. */
void vfs_boot(const char *dir, bool with_cut);
/* A bit of a file changes: false when there is no such file, or nothing in it. */
bool vfs_flip(const char *dir, const char *suffix);
/* The files of one machine become those of another. */
void vfs_copy(const char *from, const char *to);

#endif

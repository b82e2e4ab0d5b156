/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files and folders that are ours alone: 0700 and 0600, no symbolic links, the owner checked. */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

/* dir + "/" + name, the caller frees. */
char *path_join(const char *dir, const char *name);
/* Creates dir and what is missing above it, each 0700; it must be a directory that the effective
 * user owns and that not everybody may write to. */
bool path_make_dir(const char *dir, struct err *err);
/* Opens with O_CLOEXEC | O_NOFOLLOW (| flags), mode 0600, and checks with fstat that it is a
 * regular file of ours; O_TRUNC takes effect only then. -1, errno and err on failure. */
int path_open(const char *path, int flags, struct err *err);
/* The whole file, NUL-ended, the caller frees; *n (may be NULL) its size; at most max bytes, else
 * ERR_USAGE. */
char *path_read(const char *path, size_t max, size_t *n, struct err *err);
/* Writes path.tmp (0600), fsyncs, renames, fsyncs the folder: after a crash the old text or the
 * new one is there, whole. */
bool path_write(const char *path, const void *p, size_t n, struct err *err);
/* The folder of the running executable (/proc/self/exe), the caller frees; NULL when unknown. */
char *path_self_dir(void);
/* A sibling program: STONECHAT_LIBEXEC, then the folder of the running program, then the
 * compiled-in ones; the caller frees; NULL and err when none is executable. */
char *path_program(const char *name, struct err *err);
/* The environment variable var if it is set and absolute, else $HOME + fallback; NULL and err when
 * there is no HOME either. The caller frees. */
char *path_xdg(const char *var, const char *fallback, struct err *err);
/* True when the file system of path is a network one, on which SQLite's WAL does not work. */
bool path_is_network_fs(const char *path);

/* Where everything of one person lives (stonechat(1), FILES). */
struct paths {
	char *config;		/* the configuration file */
	char *commands;		/* folder of workflows */
	char *data;		/* engine.lock, accounts, server */
	char *state;		/* log, history */
	char *runtime;		/* sockets */
};

/* From --config and --data (either may be NULL), then STONECHAT_CONFIG and STONECHAT_DATA, then the
 * XDG directories. Every path is absolute; nothing is created. */
bool paths_init(struct paths *p, const char *config, const char *data, struct err *err);
void paths_done(struct paths *p);

/* Whoever started us may have closed descriptors 0 to 2: the next files opened must not be taken
 * for them. Reading finds an end then, writing results fails, remarks are lost. Call it first. */
void path_open_standard(void);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files and folders that are ours alone. */
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/mem.h"

char *
path_join(const char *dir, const char *name)
{
	size_t n = strlen(dir);

	return xasprintf("%s%s%s", dir, n && dir[n - 1] == '/' ? "" : "/", name);
}

/* The folder that path lies in; the caller frees. */
static char *
path_parent(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return xstrdup(".");
	return slash == path ? xstrdup("/") : xstrndup(path, (size_t)(slash - path));
}

/* Says whose dir is. */
static bool
not_ours(const char *dir, uid_t uid, struct err *err)
{
	struct passwd pw, *found = NULL;
	char names[1024];

	if (getpwuid_r(uid, &pw, names, sizeof names, &found) == 0 && found)
		return err_set(err, ERR_USAGE, _("%s belongs to %s, not to you"), dir,
			       found->pw_name);
	return err_set(err, ERR_USAGE, _("%s belongs to user %lu, not to you"), dir,
		       (unsigned long)uid);
}

static bool
check_dir(const char *dir, struct err *err)
{
	struct stat st;

	if (stat(dir, &st) < 0)
		return err_sys(err, ERR_FAIL, "%s", dir);
	if (!S_ISDIR(st.st_mode))
		return err_set(err, ERR_USAGE, _("%s is not a folder"), dir);
	if (st.st_uid != geteuid())
		return not_ours(dir, st.st_uid, err);
	if (st.st_mode & S_IWOTH)
		return err_set(err, ERR_USAGE, _("everybody may write to %s: chmod o-w it"), dir);
	return true;
}

bool
path_make_dir(const char *dir, struct err *err)
{
	char *path = xstrdup(dir), *slash = path;
	bool ok = true;

	while (ok && slash) {
		slash = strchr(slash + 1, '/');
		if (slash)
			*slash = '\0';
		if (mkdir(path, 0700) < 0 && errno != EEXIST) {
			struct stat st;
			int saved = errno;

			/* it may be there all the same, on a disk that is read-only */
			if (stat(path, &st) < 0) {
				errno = saved;
				ok = err_sys(err, ERR_FAIL, _("cannot make the folder %s"), path);
			}
		}
		if (slash)
			*slash = '/';
	}
	free(path);
	return ok && check_dir(dir, err);
}

int
path_open(const char *path, int flags, struct err *err)
{
	struct stat st;
	/* without O_NONBLOCK, opening a FIFO would wait for its other end */
	int fd = open(path, (flags & ~O_TRUNC) | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK,
		      0600);

	if (fd < 0) {
		if (errno == ELOOP)
			err_set(err, ERR_FAIL, _("%s is a symbolic link"), path);
		else
			err_sys(err, ERR_FAIL, "%s", path);
		return -1;
	}
	if (fstat(fd, &st) < 0)
		err_sys(err, ERR_FAIL, "%s", path);
	else if (!S_ISREG(st.st_mode))
		err_set(err, ERR_FAIL, _("%s is not a regular file"), path);
	else if (st.st_uid != geteuid())
		not_ours(path, st.st_uid, err);
	else if ((flags & O_TRUNC) && ftruncate(fd, 0) < 0)
		err_sys(err, ERR_FAIL, "%s", path);
	else
		return fd;
	close(fd);
	errno = EACCES;
	return -1;
}

/* Reads fd to its end, at most max bytes. */
static char *
read_all(int fd, const char *path, size_t max, size_t *n, struct err *err)
{
	size_t have = 0, cap = 4096;
	char *p = xmalloc(cap + 1);

	for (;;) {
		ssize_t got = read(fd, p + have, cap - have);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			err_sys(err, ERR_FAIL, "%s", path);
			break;
		}
		have += (size_t)got;
		if (have > max) {
			err_set(err, ERR_USAGE, _("%s is larger than %zu bytes"), path, max);
			break;
		}
		if (got == 0) {
			p[have] = '\0';
			if (n)
				*n = have;
			return p;
		}
		if (have == cap)
			p = xrealloc(p, (cap *= 2) + 1);
	}
	free(p);
	return NULL;
}

char *
path_read(const char *path, size_t max, size_t *n, struct err *err)
{
	int fd = path_open(path, O_RDONLY, err);
	char *p;

	if (fd < 0)
		return NULL;
	p = read_all(fd, path, max, n, err);
	close(fd);
	return p;
}

static bool
write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t put = write(fd, p, n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return false;
		p += put;
		n -= (size_t)put;
	}
	return true;
}

/* Makes a rename in the folder of path durable. */
static bool
sync_parent(const char *path)
{
	char *dir = path_parent(path);
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	free(dir);
	return ok;
}

bool
path_write(const char *path, const void *p, size_t n, struct err *err)
{
	char *tmp = xasprintf("%s.tmp", path);
	bool ok = false;
	int fd = path_open(tmp, O_WRONLY | O_CREAT | O_TRUNC, err);

	if (fd < 0)
		goto out;
	ok = write_all(fd, p, n) && fsync(fd) == 0;
	ok = close(fd) == 0 && ok;
	ok = ok && rename(tmp, path) == 0 && sync_parent(path);
	if (!ok) {
		err_sys(err, ERR_FAIL, _("cannot write %s"), path);
		unlink(tmp);
	}
out:
	free(tmp);
	return ok;
}

char *
path_self_dir(void)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

	if (n <= 0)
		return NULL;
	self[n] = '\0';
	return path_parent(self);
}

char *
path_program(const char *name, struct err *err)
{
	char *self = path_self_dir(), *path = NULL;
	const char *const dirs[] = { getenv("STONECHAT_LIBEXEC"), self, LIBEXECDIR, BINDIR };

	for (size_t i = 0; !path && i < sizeof dirs / sizeof *dirs; i++) {
		struct stat st;

		if (!dirs[i] || dirs[i][0] != '/')
			continue;
		path = path_join(dirs[i], name);
		if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0)
			break;
		free(path);
		path = NULL;
	}
	if (!path)
		err_set(err, ERR_FAIL, _("the program %s is neither in %s nor in %s"), name,
			self ? self : LIBEXECDIR, BINDIR);
	free(self);
	return path;
}

bool
path_is_network_fs(const char *path)
{
	/* statfs(2); FUSE is left out, since most of it is local */
	static const uint32_t magics[] = {
		0x6969,		/* NFS */
		0x517b,		/* SMB */
		0xfe534d42,	/* SMB 2 */
		0xff534d42,	/* CIFS */
		0x564c,		/* NCP */
		0x73757245,	/* Coda */
		0x5346414f,	/* AFS */
		0x6b414653,	/* kAFS */
		0x01021997,	/* 9P */
		0x00c36400,	/* Ceph */
		0x0bd00bd0,	/* Lustre */
		0x01161970,	/* GFS2 */
		0x7461636f,	/* OCFS2 */
	};
	struct statfs fs;

	if (statfs(path, &fs) < 0)
		return false;
	for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
		if ((uint32_t)fs.f_type == magics[i])
			return true;
	return false;
}

void
path_open_standard(void)
{
	/* opened for reading, standard output refuses what is written to it */
	static const int flags[] = { O_RDONLY, O_RDONLY, O_WRONLY };

	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", flags[fd]) != fd)
			_exit(ERR_FAIL);
}

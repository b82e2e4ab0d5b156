/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Unix sockets by path, also by paths longer than sun_path holds (reached through the folder's
 * descriptor). */
#include "daemon/unixsock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"

/* The address of path; *dir is a descriptor to close after its use, or -1. */
static bool
address(const char *path, struct sockaddr_un *un, int *dir)
{
	const char *base = strrchr(path, '/');
	char *folder;
	int n;

	memset(un, 0, sizeof *un);
	un->sun_family = AF_UNIX;
	*dir = -1;
	if (str_copy(un->sun_path, sizeof un->sun_path, path))
		return true;
	if (!base) {
		errno = ENAMETOOLONG;
		return false;
	}
	folder = xstrndup(path, (size_t)(base - path));
	*dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	free(folder);
	if (*dir < 0)
		return false;
	n = snprintf(un->sun_path, sizeof un->sun_path, "/proc/self/fd/%d%s", *dir, base);
	if (n > 0 && (size_t)n < sizeof un->sun_path)
		return true;
	close(*dir);
	errno = ENAMETOOLONG;
	return false;
}

int
unixsock_listen(const char *path, mode_t mode, struct err *err)
{
	struct sockaddr_un un;
	mode_t mask;
	int fd = -1, dir, rc;

	if (!address(path, &un, &dir)) {
		err_sys(err, ERR_FAIL, "%s", path);
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0) {
		unlink(un.sun_path);
		mask = umask(0777 & ~mode);
		rc = bind(fd, (struct sockaddr *)&un, sizeof un);
		umask(mask);
		if (rc == 0 && listen(fd, 64) == 0)
			goto out;
	}
	err_sys(err, ERR_FAIL, "%s", path);
	if (fd >= 0)
		close(fd);
	fd = -1;
out:
	if (dir >= 0)
		close(dir);
	return fd;
}

int
unixsock_connect(const char *path)
{
	struct sockaddr_un un;
	int fd, dir, saved;

	if (!address(path, &un, &dir))
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&un, sizeof un) < 0) {
		saved = errno;
		close(fd);
		errno = saved;
		fd = -1;
	}
	if (dir >= 0)
		close(dir);
	return fd;
}

bool
unixsock_peer(int fd, uid_t *uid)
{
	struct ucred cred;
	socklen_t n = sizeof cred;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &n) < 0)
		return false;
	*uid = cred.uid;
	return true;
}

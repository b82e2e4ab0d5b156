/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Unix sockets with paths of any length. */
#include "control/sock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/mem.h"

#define BACKLOG 128

/* Fills *sun; a path that is too long goes by way of *dir_fd, which the caller closes (-1: none).
 * False with errno set. */
static bool
address(struct sockaddr_un *sun, const char *path, int *dir_fd)
{
	const char *slash = strrchr(path, '/');
	char *dir;
	int n;

	*dir_fd = -1;
	memset(sun, 0, sizeof *sun);
	sun->sun_family = AF_UNIX;
	if (str_copy(sun->sun_path, sizeof sun->sun_path, path))
		return true;
	if (!slash) {
		errno = ENAMETOOLONG;
		return false;
	}
	dir = xstrndup(path, (size_t)(slash - path));
	*dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	free(dir);
	if (*dir_fd < 0)
		return false;
	n = snprintf(sun->sun_path, sizeof sun->sun_path, "/proc/self/fd/%d%s", *dir_fd, slash);
	if (n > 0 && (size_t)n < sizeof sun->sun_path)
		return true;
	close(*dir_fd);
	*dir_fd = -1;
	errno = ENAMETOOLONG;
	return false;
}

static int
stream_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

int
sock_listen(const char *path, struct err *err)
{
	struct sockaddr_un sun;
	int dir_fd, fd = -1;
	bool ok = false;

	if (!address(&sun, path, &dir_fd)) {
		err_sys(err, ERR_FAIL, "%s", path);
		return -1;
	}
	fd = stream_socket();
	if (fd >= 0 && (unlink(path) == 0 || errno == ENOENT))
		ok = fchmod(fd, 0600) == 0 && bind(fd, (struct sockaddr *)&sun, sizeof sun) == 0 &&
				listen(fd, BACKLOG) == 0;
	if (!ok) {
		err_sys(err, ERR_FAIL, _("cannot listen on %s"), path);
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	if (dir_fd >= 0)
		close(dir_fd);
	return fd;
}

int
sock_connect(const char *path, int *why)
{
	struct sockaddr_un sun;
	int dir_fd, fd;

	if (!address(&sun, path, &dir_fd)) {
		*why = errno;
		return -1;
	}
	fd = stream_socket();
	if (fd < 0 || connect(fd, (struct sockaddr *)&sun, sizeof sun) != 0) {
		*why = errno;
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	if (dir_fd >= 0)
		close(dir_fd);
	return fd;
}

bool
sock_is_mine(int fd)
{
	struct ucred cred;
	socklen_t n = sizeof cred;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &n) == 0 && cred.uid == geteuid();
}

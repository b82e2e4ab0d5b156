/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making listening sockets, and unmaking them. */
#include "net/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/mem.h"

#define BACKLOG 4096		/* a storm of clients comes at once */
#define PORT_TRIES 16		/* a port that is free for one family may be taken for the other */

static int
socket_new(int family)
{
	return socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static void
port_set(struct sockaddr *sa, int port)
{
	if (sa->sa_family == AF_INET)
		((struct sockaddr_in *)sa)->sin_port = htons((uint16_t)port);
	else
		((struct sockaddr_in6 *)sa)->sin6_port = htons((uint16_t)port);
}

static int
port_of(int fd)
{
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} sa = { .in6 = {0} };
	socklen_t len = sizeof sa;

	if (getsockname(fd, &sa.any, &len) < 0)
		return 0;
	return ntohs(sa.any.sa_family == AF_INET ? sa.in.sin_port : sa.in6.sin6_port);
}

/* A bound and listening socket, or -1 and errno. "::" takes both families, other numbers only
 * their own. */
static int
listen_one(const struct addrinfo *ai, int port)
{
	int on = 1, only_6 = 1, saved;
	int fd = socket_new(ai->ai_family);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (ai->ai_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)ai->ai_addr;

		only_6 = !IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr);
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only_6, sizeof only_6);
	}
	port_set(ai->ai_addr, port);
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

/* A family that this machine does not have is no failure while another one works. */
static bool
is_absent(int error)
{
	return error == EAFNOSUPPORT || error == EADDRNOTAVAIL;
}

static bool
listen_all(struct listen_set *s, const struct addrinfo *found, int port)
{
	int error = EADDRNOTAVAIL;

	s->n = 0;
	s->port = port;
	for (const struct addrinfo *ai = found; ai && s->n < LISTEN_MAX; ai = ai->ai_next) {
		int fd = listen_one(ai, s->port);

		if (fd >= 0) {
			s->fds[s->n++] = fd;
			s->port = port_of(fd);
			continue;
		}
		if (is_absent(errno))
			continue;
		error = errno;
		listen_close(s);
		errno = error;
		return false;
	}
	errno = error;
	return s->n > 0;
}

bool
listen_tcp(struct listen_set *s, const char *host, int port, struct err *err)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM,
			.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo *found = NULL;
	bool is_localhost = strcasecmp(host, "localhost") == 0, ok = false;

	memset(s, 0, sizeof *s);
	/* Without AI_PASSIVE no host means loopback. */
	if (getaddrinfo(is_localhost ? NULL : host, is_localhost ? "1" : NULL, &hints, &found) != 0)
		return err_set(err, ERR_USAGE, _("%s is no address to listen on: give a number, "
				"or localhost"), host);
	for (int i = 0; i < PORT_TRIES && !ok; i++) {
		ok = listen_all(s, found, port);
		if (port != 0 || (!ok && errno != EADDRINUSE))
			break;
	}
	freeaddrinfo(found);
	return ok || err_sys(err, ERR_FAIL, _("cannot listen on %s port %d"), host, port);
}

bool
listen_short_path(const char *path, char out[108], int *dir_fd)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	char *dir;
	int n;

	*dir_fd = -1;
	if (str_copy(out, 108, path))
		return true;
	dir = slash ? xstrndup(path, (size_t)(slash - path) + 1) : xstrdup(".");
	*dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	free(dir);
	if (*dir_fd < 0)
		return false;
	n = snprintf(out, 108, "/proc/self/fd/%d/%s", *dir_fd, name);
	if (n < 108)
		return true;
	close(*dir_fd);
	*dir_fd = -1;
	errno = ENAMETOOLONG;
	return false;
}

static bool
is_somebody_there(const struct sockaddr_un *sun)
{
	int fd = socket_new(AF_UNIX);
	bool is_there;

	if (fd < 0)
		return true;
	/* EAGAIN: its backlog is full. */
	is_there = connect(fd, (const struct sockaddr *)sun, sizeof *sun) == 0 || errno == EAGAIN;
	close(fd);
	return is_there;
}

static bool
is_socket(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISSOCK(st.st_mode);
}

static bool
bind_unix(int fd, const struct sockaddr_un *sun, const char *path, struct err *err)
{
	const struct sockaddr *sa = (const struct sockaddr *)sun;

	if (bind(fd, sa, sizeof *sun) == 0)
		return true;
	if (errno == EADDRINUSE && is_socket(sun->sun_path)) {
		if (is_somebody_there(sun))
			return err_set(err, ERR_USAGE, _("somebody listens on %s already"), path);
		unlink(sun->sun_path);
		if (bind(fd, sa, sizeof *sun) == 0)
			return true;
	}
	return err_sys(err, ERR_FAIL, _("cannot listen on %s"), path);
}

bool
listen_unix(struct listen_set *s, const char *path, mode_t mode, struct err *err)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct stat st = {0};
	int dir_fd = -1, fd = -1;
	bool ok = false;

	memset(s, 0, sizeof *s);
	if (!listen_short_path(path, sun.sun_path, &dir_fd))
		return err_sys(err, ERR_FAIL, _("cannot listen on %s"), path);
	fd = socket_new(AF_UNIX);
	if (fd < 0) {
		err_sys(err, ERR_FAIL, _("cannot listen on %s"), path);
		goto out;
	}
	if (!bind_unix(fd, &sun, path, err))
		goto out;
	if (chmod(sun.sun_path, mode) < 0 || lstat(sun.sun_path, &st) < 0
			|| listen(fd, BACKLOG) < 0) {
		err_sys(err, ERR_FAIL, _("cannot listen on %s"), path);
		goto out;
	}
	s->fds[s->n++] = fd;
	s->unix_path = xstrdup(path);
	s->dev = st.st_dev;
	s->ino = st.st_ino;
	ok = true;
out:
	if (!ok && fd >= 0)
		close(fd);
	if (dir_fd >= 0)
		close(dir_fd);
	return ok;
}

void
listen_close(struct listen_set *s)
{
	struct stat st;

	for (int i = 0; i < s->n; i++)
		close(s->fds[i]);
	s->n = 0;
	if (s->unix_path && lstat(s->unix_path, &st) == 0 && st.st_dev == s->dev
			&& st.st_ino == s->ino)
		unlink(s->unix_path);
	free(s->unix_path);
	s->unix_path = NULL;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Listening sockets: TCP on a number or on "localhost", Unix at a path of any length. */
#ifndef NET_LISTEN_H
#define NET_LISTEN_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/err.h"

#define LISTEN_MAX 2		/* "localhost" is two addresses */

struct listen_set {
	int fds[LISTEN_MAX];
	int n, port;
	char *unix_path;	/* to unlink, if it is still the same file */
	dev_t dev;
	ino_t ino;
};

/* host: a number, or "localhost" for both loopback addresses, on the same port; port 0: a free
 * one. */
bool listen_tcp(struct listen_set *s, const char *host, int port, struct err *err);
/* Replaces a socket file where nobody listens; one where somebody does is ERR_USAGE. mode is set
 * before anybody can connect. */
bool listen_unix(struct listen_set *s, const char *path, mode_t mode, struct err *err);
/* Closes, unlinks. */
void listen_close(struct listen_set *s);

/* A path of at most 107 bytes to the same socket: path itself, or through a descriptor of its
 * folder, which the caller closes (-1: none). NULL-ended in out; false and errno on failure. */
bool listen_short_path(const char *path, char out[108], int *dir_fd);

#endif

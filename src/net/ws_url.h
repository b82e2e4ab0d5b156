/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses of chat servers: ws://, wss:// and unix:. */
#ifndef NET_WS_URL_H
#define NET_WS_URL_H

#include <stdbool.h>

#include "base/err.h"

enum ws_scheme { WS_UNIX, WS_PLAIN, WS_TLS };

struct ws_url {
	enum ws_scheme scheme;
	char *host;		/* without brackets; of WS_UNIX the path of the socket */
	int port;
	char *path;		/* of the request */
};

/* Splits url. Without a path (or "/" alone) it gets path. ws:// is for this machine only:
 * "localhost", 127/8 and ::1, whatever names resolve to. ERR_USAGE when it is none of these. */
bool ws_url_parse(struct ws_url *u, const char *url, const char *path, struct err *err);
void ws_url_done(struct ws_url *u);

/* "http://[user:password@]host[:port]" of a proxy: host and port for the look-up, and what
 * stands before the @ (NULL: nothing). */
bool ws_proxy_parse(const char *url, char **host, int *port, char **user, struct err *err);

/* "localhost" or a loopback number. */
bool ws_is_loopback(const char *host);

#endif

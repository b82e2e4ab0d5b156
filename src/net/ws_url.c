/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses of chat servers, taken apart by RFC 3986. */
#include "net/ws_url.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/i18n.h"
#include "base/mem.h"

#define MAX_HOST 120		/* what libwebsockets compares with a certificate */
#define MAX_PATH 1024

bool
ws_is_loopback(const char *host)
{
	struct in6_addr in6;
	struct in_addr in;

	if (strcasecmp(host, "localhost") == 0)
		return true;
	if (inet_pton(AF_INET, host, &in) == 1)
		return ntohl(in.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, host, &in6) == 1 && IN6_IS_ADDR_LOOPBACK(&in6);
}

/* Digits to the end of p[n]; 0 if it is no port. */
static int
parse_port(const char *p, size_t n)
{
	int port = 0;

	if (n == 0 || n > 5)
		return 0;
	for (size_t i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return 0;
		port = port * 10 + (p[i] - '0');
	}
	return port <= 65535 ? port : 0;
}

/* "host", "host:port", "[v6]:port" of n bytes; *port stays when there is none. */
static bool
parse_host(const char *p, size_t n, char **host, int *port)
{
	const char *end = p + n, *colon;

	if (n > 0 && *p == '[') {
		const char *bracket = memchr(p, ']', n);
		struct in6_addr in6;

		if (!bracket)
			return false;
		*host = xstrndup(p + 1, (size_t)(bracket - p) - 1);
		colon = bracket + 1;
		if (inet_pton(AF_INET6, *host, &in6) != 1)
			return false;
	} else {
		colon = memchr(p, ':', n);
		colon = colon ? colon : end;
		*host = xstrndup(p, (size_t)(colon - p));
	}
	if (colon == end)
		return true;
	*port = *colon == ':' ? parse_port(colon + 1, (size_t)(end - colon) - 1) : 0;
	return *port != 0;
}

static bool
is_clean(const char *s, const char *allowed)
{
	for (; *s; s++)
		if ((unsigned char)*s <= ' ' || (unsigned char)*s > '~'
				|| (allowed && !strchr(allowed, *s)))
			return false;
	return true;
}

static bool
is_host(const char *host)
{
	static const char chars[] = "abcdefghijklmnopqrstuvwxyz"
			"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:";

	return host && *host && strlen(host) <= MAX_HOST && is_clean(host, chars);
}

static bool
parse_web(struct ws_url *u, const char *rest, const char *path)
{
	size_t n = strcspn(rest, "/?");

	if (!parse_host(rest, n, &u->host, &u->port) || !is_host(u->host))
		return false;
	rest += n;
	if (strcmp(rest, "") == 0 || strcmp(rest, "/") == 0)
		rest = path;
	u->path = xasprintf("%s%s", *rest == '/' ? "" : "/", rest);
	return strlen(u->path) <= MAX_PATH && is_clean(u->path, NULL) && !strchr(u->path, '#');
}

bool
ws_url_parse(struct ws_url *u, const char *url, const char *path, struct err *err)
{
	bool ok = false;

	memset(u, 0, sizeof *u);
	if (strncasecmp(url, "unix:", 5) == 0) {
		u->scheme = WS_UNIX;
		u->host = xstrdup(url + 5);
		u->path = xstrdup(path);
		ok = *u->host != '\0';
	} else if (strncasecmp(url, "ws://", 5) == 0) {
		u->scheme = WS_PLAIN;
		u->port = 80;
		ok = parse_web(u, url + 5, path);
	} else if (strncasecmp(url, "wss://", 6) == 0) {
		u->scheme = WS_TLS;
		u->port = 443;
		ok = parse_web(u, url + 6, path);
	}
	if (!ok)
		err_set(err, ERR_USAGE, _("%s is no address of a server: "
				"wss://HOST[:PORT], or unix:PATH"), url);
	else if (u->scheme == WS_PLAIN && !ws_is_loopback(u->host))
		ok = err_set(err, ERR_USAGE, _("ws:// is for this machine only: "
				"use wss:// for %s"), u->host);
	if (!ok)
		ws_url_done(u);
	return ok;
}

void
ws_url_done(struct ws_url *u)
{
	free(u->host);
	free(u->path);
	u->host = u->path = NULL;
}

bool
ws_proxy_parse(const char *url, char **host, int *port, char **user, struct err *err)
{
	const char *rest = url, *at;
	size_t n;

	*host = *user = NULL;
	*port = 80;
	if (strncasecmp(rest, "http://", 7) == 0)
		rest += 7;
	n = strcspn(rest, "/");
	at = memrchr(rest, '@', n);
	if (at) {
		*user = xstrndup(rest, (size_t)(at - rest));
		n -= (size_t)(at - rest) + 1;
		rest = at + 1;
	}
	if (!strstr(rest, "://") && parse_host(rest, n, host, port) && is_host(*host)
			&& rest[n + strspn(rest + n, "/")] == '\0')
		return true;
	free(*host);
	free(*user);
	*host = *user = NULL;
	return err_set(err, ERR_USAGE, _("%s is no address of a proxy: http://HOST:PORT"), url);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The addresses that a server listens on, as people write them. */
#include "daemon/listen.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "daemon/conn.h"
#include "daemon/crowd.h"
#include "daemon/daemon.h"
#include "daemon/metrics.h"
#include "daemon/options.h"
#include "net/ws.h"
#include "wire/wire.h"

struct address { char host[64]; int port; const char *unix_path; };

static bool
parse_port(const char *s, int *port)
{
	char *end;
	long n = strtol(s, &end, 10);

	*port = (int)n;
	return *s >= '0' && *s <= '9' && !*end && n <= 65535;
}

/* "unix:PATH", "HOST:PORT", "[HOST]:PORT". */
static bool
parse(const char *text, struct address *a, struct err *err)
{
	const char *colon = strrchr(text, ':'), *host = text;
	size_t n;

	memset(a, 0, sizeof *a);
	if (strncmp(text, "unix:", 5) == 0) {
		a->unix_path = text + 5;
		return *a->unix_path ? true :
			err_set(err, ERR_USAGE, _("--listen %s: the path is missing"), text);
	}
	n = colon ? (size_t)(colon - text) : 0;
	if (n > 2 && host[0] == '[' && host[n - 1] == ']') {
		host++;
		n -= 2;
	}
	if (n == 0 || n >= sizeof a->host || !parse_port(colon + 1, &a->port))
		return err_set(err, ERR_USAGE, _("--listen %s: unix:PATH or HOST:PORT"), text);
	memcpy(a->host, host, n);
	return true;
}

static bool
is_number(const char *host)
{
	unsigned char bin[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, host, bin) == 1 || inet_pton(AF_INET6, host, bin) == 1;
}

static bool
is_loopback(const char *host)
{
	struct in_addr v4;

	if (strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0)
		return true;
	return inet_pton(AF_INET, host, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127;
}

static bool
admit(void *arg, const char *addr)
{
	struct daemon *d = arg;

	return crowd_admit(d->crowd, addr);
}

static void
dropped(void *arg, const char *addr)
{
	struct daemon *d = arg;

	crowd_known(d->crowd, addr);
}

static bool
open_one(struct daemon *d, const char *text, struct err *err)
{
	struct address a;
	struct ws_listen how = { .path = "/v1", .max_message = WIRE_HELLO_FRAME,
		.ops = &conn_ops, .admit = admit, .dropped = dropped,
		.open_ms = d->opt->preauth_ms, .http = metrics_http, .arg = d };
	struct ws_server *s;

	if (!parse(text, &a, err))
		return false;
	if (!a.unix_path && !is_number(a.host) && strcmp(a.host, "localhost") != 0)
		return err_set(err, ERR_USAGE, _("--listen %s: the host is a number or localhost"),
				text);
	if (!a.unix_path && !d->opt->tls_cert && !is_loopback(a.host))
		return err_set(err, ERR_USAGE, _("--listen %s: without TLS only loopback and Unix"
				" sockets are accepted (--tls-cert FILE --tls-key FILE)"), text);
	how.unix_path = a.unix_path;
	how.unix_mode = d->opt->unix_mode;
	if (!a.unix_path) {
		how.host = a.host;
		how.port = a.port;
		how.tls_cert = d->opt->tls_cert;
		how.tls_key = d->opt->tls_key;
	}
	s = ws_listen(d->net, &how, err);
	if (!s)
		return err_wrap(err, "--listen %s", text);
	arr_push(&d->listeners, s);
	return true;
}

bool
listen_all(struct daemon *d, struct err *err)
{
	for (size_t i = 0; i < d->opt->listen.n; i++)
		if (!open_one(d, d->opt->listen.v[i], err))
			return false;
	for (size_t i = 0; i < d->listeners.n; i++)
		fprintf(stderr, "listening on %s\n", ws_server_url(d->listeners.v[i]));
	return true;
}

void
listen_stop(struct daemon *d)
{
	for (size_t i = 0; i < d->listeners.n; i++)
		ws_server_stop(d->listeners.v[i]);
	arr_done(&d->listeners);
}

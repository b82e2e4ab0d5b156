/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTTP requests through libcurl on the loop: https anywhere, http to loopback only; no redirects,
 * no netrc, no content decoding, every answer capped. */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct loop;
struct http_net;
struct http;

/* Needs SIGPIPE ignored, and ignores it. */
struct http_net *http_net_new(struct loop *l, struct err *err);
/* Stops what is left; no callback afterwards. */
void http_net_free(struct http_net *net);
/* Drops pooled connections (after a wake from sleep). */
void http_net_forget(struct http_net *net);

struct http_ops {
	/* One header line of the final answer, before head; name as it was sent. */
	void (*header)(void *arg, const char *name, const char *value);
	/* Status line and headers are in. */
	void (*head)(void *arg, long status);
	/* Body bytes as they come, borrowed. Return false to stop (done is called with
	 * ERR_TRUNCATED). */
	bool (*data)(void *arg, const char *p, size_t n);
	/* The end, exactly once. err->kind is ERR_NONE for a complete answer of any status,
	 * ERR_TRUNCATED when it broke off or was stopped after some of the body had come,
	 * ERR_REFUSED for headers over the cap, else ERR_NETWORK (TLS too, with the reason in
	 * words). status 0: no answer. */
	void (*done)(void *arg, long status, const struct err *err);
};

struct http_request {
	const char *method, *url;
	const char *const *headers;	/* "Name: value", NULL-ended; CR or LF in one is an error */
	const char *body;
	size_t body_n;
	const char *cafile;		/* NULL: the system's */
	const char *proxy;		/* "http://[user:password@]host:port"; never for loopback */
	size_t max_body, max_head;	/* 0: 16 MiB, 64 KiB */
	/* 0: 10 s, 120 s, none. idle_ms: the answer may be as long without bringing at least a byte
	 * a second; noticed within twice that time. */
	int64_t connect_ms, idle_ms, total_ms;
	const struct http_ops *ops;
	void *arg;
};

/* NULL and err for a request that cannot be made (scheme, host not loopback for http, bad header,
 * unreadable cafile). Everything is copied. ops other than done may be NULL. */
struct http *http_start(struct http_net *net, const struct http_request *req, struct err *err);
/* No callback afterwards; fine inside its callbacks, also in done, where it does nothing. */
void http_stop(struct http *h);

#endif

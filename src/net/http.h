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

struct http_net *http_net_new(struct loop *l, struct err *err);
void http_net_free(struct http_net *net);
/* Drops pooled connections (after a wake from sleep). */
void http_net_forget(struct http_net *net);

struct http_ops {
	/* Status line and headers are in; header lines were "name: value" without CR LF. */
	void (*head)(void *arg, long status);
	void (*header)(void *arg, const char *name, const char *value);
	/* Body bytes as they come, borrowed. Return false to stop (done is called with
	 * ERR_TRUNCATED). */
	bool (*data)(void *arg, const char *p, size_t n);
	/* The end, exactly once. err->kind is ERR_NONE for a complete answer of any status.
	 * status 0: no answer. */
	void (*done)(void *arg, long status, const struct err *err);
};

struct http_request {
	const char *method, *url;
	const char *const *headers;	/* "Name: value", NULL-ended; CR or LF in one is an error */
	const char *body;
	size_t body_n;
	const char *cafile, *proxy;
	size_t max_body, max_head;	/* 0: 16 MiB, 64 KiB */
	int64_t connect_ms, idle_ms, total_ms;	/* 0: 10 s, 120 s, none */
	const struct http_ops *ops;
	void *arg;
};

/* NULL and err for a request that cannot be made (scheme, host not loopback for http, bad
 * header). */
struct http *http_start(struct http_net *net, const struct http_request *req, struct err *err);
/* No callback afterwards. */
void http_stop(struct http *h);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two files of the HTTP client share: requests, and the pools that carry them. */
#ifndef NET_HTTP_IMPL_H
#define NET_HTTP_IMPL_H

#include <curl/curl.h>

#include "base/buf.h"
#include "net/http.h"

/* A curl multi handle and its connections. A retired one takes no new requests and goes with its
 * last. */
struct http_pool {
	struct http_net *net;
	struct http_pool *next;
	CURLM *multi;
	struct loop_timer *timer;	/* curl's next time-out */
	size_t n;			/* requests that it carries */
	bool is_retired;
};

struct http_net {
	struct loop *loop;
	struct http *requests;
	struct http_pool *pools;	/* the first takes new requests; the others are retired */
	struct loop_timer *kick;	/* something is to be settled */
	bool in_curl;			/* requests may not be added or removed now */
};

enum http_state {
	HTTP_NEW,			/* not yet given to curl */
	HTTP_RUNNING,
	HTTP_OVER,			/* done was called, or never will be */
};

struct http {
	struct http_net *net;
	struct http *next, **at;
	struct http_pool *pool;
	CURL *easy;
	struct curl_slist *headers;
	const struct http_ops *ops;
	void *arg;
	enum http_state state;
	char *host;			/* curl's memory */
	char *body;
	struct buf line;		/* one header */
	size_t head_n, max_head, body_n, max_body;
	int64_t idle_ms;
	size_t idle_n;			/* bytes since the idle timer last looked */
	struct loop_timer *idle;
	long status;			/* of the last status line */
	bool has_head;
	struct err why;			/* we ended it ourselves, and why */
	char words[CURL_ERROR_SIZE];	/* curl's */
};

/* The pool for a new request; NULL if curl makes none. */
struct http_pool *http_pool_get(struct http_net *net);
bool http_pool_add(struct http_pool *pool, struct http *h);
/* Not while curl calls back. */
void http_pool_remove(struct http *h);
/* No pool takes new requests any more; sweep frees those that carry none. */
void http_pools_retire(struct http_net *net);
void http_pools_sweep(struct http_net *net);

/* Curl has finished a request. */
void http_finished(struct http *h, CURLcode result);
/* Frees the requests that are over and the pools that are done, begins the new ones. */
void http_settle(struct http_net *net);

#endif

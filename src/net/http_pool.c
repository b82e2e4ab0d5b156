/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Curl's multi interface on the loop: its sockets and its timer become ours. */
#include "net/http_impl.h"

#include <stdlib.h>

#include "base/mem.h"
#include "loop/loop.h"

#define MAX_IDLE_CONNECTIONS 8

/* One socket that curl wants watched. */
struct watch {
	struct http_pool *pool;
	curl_socket_t fd;
	struct loop_fd *loop_fd;
};

/* Tells the requests that curl has finished, then tidies up. */
static void
pool_reap(struct http_pool *pool)
{
	struct http_net *net = pool->net;
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(pool->multi, &left))) {
		struct http *h = NULL;
		CURLcode result = msg->data.result;

		if (msg->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &h);
		http_finished(h, result);
	}
	http_settle(net);
}

static void
pool_act(struct http_pool *pool, curl_socket_t fd, int what)
{
	int running;

	pool->net->in_curl = true;
	curl_multi_socket_action(pool->multi, fd, what, &running);
	pool->net->in_curl = false;
	pool_reap(pool);
}

static void
on_socket(void *arg, int events)
{
	struct watch *w = arg;
	int what = (events & LOOP_READ ? CURL_CSELECT_IN : 0)
			| (events & LOOP_WRITE ? CURL_CSELECT_OUT : 0)
			| (events & LOOP_ERROR ? CURL_CSELECT_ERR : 0);

	pool_act(w->pool, w->fd, what);
}

static void
on_timeout(void *arg)
{
	struct http_pool *pool = arg;

	pool->timer = NULL;
	pool_act(pool, CURL_SOCKET_TIMEOUT, 0);
}

static int
watch_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *socket_arg)
{
	struct http_pool *pool = user;
	struct watch *w = socket_arg;
	int events = (what & CURL_POLL_IN ? LOOP_READ : 0)
			| (what & CURL_POLL_OUT ? LOOP_WRITE : 0);

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (w)
			loop_fd_stop(w->loop_fd);
		free(w);
		curl_multi_assign(pool->multi, fd, NULL);
		return 0;
	}
	if (w) {
		loop_fd_change(w->loop_fd, events);
		return 0;
	}
	w = xcalloc(1, sizeof *w);
	*w = (struct watch){ .pool = pool, .fd = fd };
	w->loop_fd = loop_fd_start(pool->net->loop, fd, events, on_socket, w, NULL);
	if (!w->loop_fd) {
		free(w);
		return -1;	/* curl fails the transfer */
	}
	curl_multi_assign(pool->multi, fd, w);
	return 0;
}

static int
set_timer(CURLM *multi, long ms, void *user)
{
	struct http_pool *pool = user;

	(void)multi;
	loop_timer_stop(pool->timer);
	pool->timer = ms < 0 ? NULL : loop_timer_start(pool->net->loop, ms, on_timeout, pool);
	return 0;
}

static void
pool_free(struct http_pool *pool)
{
	curl_multi_cleanup(pool->multi);
	loop_timer_stop(pool->timer);
	free(pool);
}

static struct http_pool *
pool_new(struct http_net *net)
{
	struct http_pool *pool;
	CURLM *multi = curl_multi_init();

	if (!multi)
		return NULL;
	pool = xcalloc(1, sizeof *pool);
	pool->net = net;
	pool->multi = multi;
	curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, pool);
	curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(multi, CURLMOPT_TIMERDATA, pool);
	curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)MAX_IDLE_CONNECTIONS);
	pool->next = net->pools;
	net->pools = pool;
	return pool;
}

struct http_pool *
http_pool_get(struct http_net *net)
{
	if (net->pools && !net->pools->is_retired)
		return net->pools;
	return pool_new(net);
}

bool
http_pool_add(struct http_pool *pool, struct http *h)
{
	if (curl_multi_add_handle(pool->multi, h->easy) != CURLM_OK)
		return false;
	h->pool = pool;
	pool->n++;
	return true;
}

void
http_pool_remove(struct http *h)
{
	if (!h->pool)
		return;
	curl_multi_remove_handle(h->pool->multi, h->easy);
	h->pool->n--;
	h->pool = NULL;
}

void
http_pools_sweep(struct http_net *net)
{
	struct http_pool **at = &net->pools;

	while (*at) {
		struct http_pool *pool = *at;

		if (!pool->is_retired || pool->n > 0) {
			at = &pool->next;
			continue;
		}
		*at = pool->next;
		pool_free(pool);
	}
}

void
http_pools_retire(struct http_net *net)
{
	for (struct http_pool *pool = net->pools; pool; pool = pool->next)
		pool->is_retired = true;
}

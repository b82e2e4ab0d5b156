/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One exchange at a time, by hand. */
#include "net/asked.h"

#include <unistd.h>

static void
on_header(void *arg, const char *name, const char *value)
{
	struct asked *a = arg;

	assert_int_equal(a->heads, 0);
	buf_addf(&a->headers, "%s=%s\n", name, value);
}

static void
on_head(void *arg, long status)
{
	struct asked *a = arg;

	a->heads++;
	a->status = status;
}

static bool
on_data(void *arg, const char *p, size_t n)
{
	struct asked *a = arg;

	assert_int_equal(a->heads, 1);
	a->datas++;
	buf_add(&a->body, p, n);
	if (a->stops_in_data)
		http_stop(a->http);
	return !a->refuses_data;
}

static void
on_done(void *arg, long status, const struct err *err)
{
	struct asked *a = arg;

	a->dones++;
	a->status = status;
	a->err = *err;
	http_stop(a->http);	/* does nothing */
}

const struct http_ops asked_ops = {
	.head = on_head, .header = on_header, .data = on_data, .done = on_done,
};

int
asked_setup(void **state)
{
	struct asked *a = calloc(1, sizeof *a);

	fix_setup((void **)&a->f);
	a->net = http_net_new(a->f->l, NULL);
	assert_non_null(a->net);
	a->listen_fd = raw_listen(&a->port);
	a->fd = -1;
	buf_init(&a->headers, 100000);
	buf_init(&a->body, 1000000);
	*state = a;
	return 0;
}

int
asked_teardown(void **state)
{
	struct asked *a = *state;

	http_net_free(a->net);
	fix_teardown((void **)&a->f);
	close(a->listen_fd);
	if (a->fd >= 0)
		close(a->fd);
	buf_done(&a->headers);
	buf_done(&a->body);
	free(a);
	return 0;
}

void
asked_start(struct asked *a, struct http_request req)
{
	struct err err = {0};
	char url[64];

	snprintf(url, sizeof url, "http://127.0.0.1:%d/path?q=1", a->port);
	if (!req.url)
		req.url = url;
	req.ops = &asked_ops;
	req.arg = a;
	a->dones = a->heads = 0;
	a->http = http_start(a->net, &req, &err);
	if (!a->http)
		fail_msg("%s", err.msg);
}

void
asked_serve(struct asked *a, char *request, size_t size)
{
	a->fd = raw_accept(a->f, a->listen_fd);
	raw_head(a->f, a->fd, request, size);
}

void
asked_hang_up(struct asked *a)
{
	close(a->fd);
	a->fd = -1;
}

void
asked_exchange(struct asked *a, struct http_request req, const char *answer)
{
	char request[4096];

	asked_start(a, req);
	asked_serve(a, request, sizeof request);
	raw_puts(a->f, a->fd, answer);
	asked_hang_up(a);
	fix_until(a->f, &a->dones, 1);
	assert_int_equal(a->dones, 1);
}

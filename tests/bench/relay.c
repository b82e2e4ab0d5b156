/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reference of fan-out on our own network layer: every message goes to all other connections
 * as bytes that were made beforehand, the size of an event's frame. No protocol, no log. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "loop/loop.h"
#include "net/ws.h"

#define PEERS_MAX 4096

struct peer { struct ws *ws; struct relay *relay; int slot; };

struct relay {
	struct peer *peers[PEERS_MAX];
	int n;
	char *frame;
	size_t size;
};

static void
on_open(struct ws *ws, void *arg)
{
	struct relay *r = arg;
	struct peer *p = calloc(1, sizeof *p);

	if (!p || r->n == PEERS_MAX)
		abort();
	*p = (struct peer){ ws, r, r->n };
	r->peers[r->n++] = p;
	ws_set_arg(ws, p);
}

static void
on_message(struct ws *ws, void *arg, const char *text, size_t n)
{
	struct relay *r = ((struct peer *)arg)->relay;

	(void)text, (void)n;
	for (int i = 0; i < r->n; i++)
		if (r->peers[i]->ws != ws)
			ws_want_write(r->peers[i]->ws);
}

static void
on_writable(struct ws *ws, void *arg, struct buf *out)
{
	struct relay *r = ((struct peer *)arg)->relay;

	(void)ws;
	buf_add(out, r->frame, r->size);
}

static void
on_gone(struct ws *ws, void *arg, int code, const char *reason, const struct err *why)
{
	struct peer *p = arg;
	struct relay *r = p->relay;

	(void)ws, (void)code, (void)reason, (void)why;
	r->peers[p->slot] = r->peers[--r->n];
	r->peers[p->slot]->slot = p->slot;
	free(p);
}

int
main(int argc, char **argv)
{
	static const struct ws_ops ops = { on_open, on_message, on_writable, on_gone };
	static struct relay r;
	struct ws_listen how = { .path = "/v1", .max_message = 65536, .ops = &ops, .arg = &r };
	struct ws_net *net;
	struct loop *loop;
	struct err err;

	if (argc != 3)
		return 2;
	how.unix_path = argv[1];
	r.size = strtoul(argv[2], NULL, 10);
	r.frame = calloc(1, r.size + 1);
	if (!r.frame || r.size < 8)
		return 2;
	memset(r.frame, 'x', r.size);
	memcpy(r.frame + r.size - 5, "last!", 5);
	loop = loop_new(&err);
	net = loop ? ws_net_new(loop, 16384, NULL, NULL, &err) : NULL;
	if (!net || !ws_listen(net, &how, &err)) {
		fprintf(stderr, "%s\n", err.msg);
		return 1;
	}
	fprintf(stderr, "listening on unix:%s\n", argv[1]);
	loop_run(loop);
	return 0;
}

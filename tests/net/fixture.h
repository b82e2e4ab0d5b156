/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A loop, a network and two recorders for the tests of src/net; every wait has a deadline. */
#ifndef TESTS_NET_FIXTURE_H
#define TESTS_NET_FIXTURE_H

#include "test.h"

#include <string.h>

#include "base/buf.h"
#include "loop/loop.h"
#include "net/ws.h"

/* What one side of a connection has seen. */
struct seen {
	struct ws *ws;			/* NULL before open and after gone */
	int opens, messages, gones, writables;
	struct buf last;		/* the last message */
	int code;
	char reason[128];
	struct err err;
	bool echoes;			/* sends every message back */
	struct buf to_write;		/* what writable says, once */
};

struct fix {
	struct loop *l;
	struct ws_net *net;
	struct ws_server *server;
	struct ws_listen how;
	struct seen s, c;
	char dir[64];			/* a temporary folder, removed at the end */
	int admits, drops;
	bool refuses;			/* what admit says */
	char log[512];			/* libwebsockets' last words */
};

/* For cmocka: *state is the fixture; no server listens yet. */
int fix_setup(void **state);
int fix_teardown(void **state);

extern const struct ws_ops fix_server_ops, fix_client_ops;

/* Listens on f->how: by default 127.0.0.1, path /v1, 64 KiB. */
void fix_listen(struct fix *f);
/* A client of that server (url NULL) or of url; it may fail later. */
struct ws *fix_connect(struct fix *f, const char *url);
/* Both, and waits until both sides are open. */
void fix_open(struct fix *f);

/* Turns the loop until *what >= n; fails the test after 20 s. */
void fix_until(struct fix *f, const int *what, int n);
/* Turns for ms of real time. */
void fix_turn(struct fix *f, int ms);

#define FIX_TEST(f) cmocka_unit_test_setup_teardown(f, fix_setup, fix_teardown)

#endif

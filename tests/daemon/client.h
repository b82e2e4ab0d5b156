/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A client for tests, on libnet and libwire: says what a test tells it, keeps what comes until it
 * is asked for, with a deadline on every wait. */
#ifndef TESTS_DAEMON_CLIENT_H
#define TESTS_DAEMON_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/wire.h"

struct client;
struct loop;
struct server;
struct ws_net;

/* One loop for all clients of a test. */
struct world { struct loop *loop; struct ws_net *net; };
void world_open(struct world *w);
void world_close(struct world *w);

/* Connects and waits until the WebSocket is open. cafile may be NULL. */
struct client *client_dial(struct world *w, const char *url, const char *cafile);
/* The same, hello with this device and token ("" for none), and the welcome. */
struct client *client_hello(struct world *w, const char *url, const char *device,
		const char *token);
/* client_hello on the server's first URL, without a token. */
struct client *client_local(struct world *w, struct server *s, const char *device);
void client_free(struct client *c);
/* Cuts the connection without a word. */
void client_cut(struct client *c);

void client_say(struct client *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void client_send_bytes(struct client *c, const char *p, size_t n);
/* The first frame of that op that came and was not taken yet; the test fails if none comes. The
 * frame lives as long as the client. */
const struct frame *client_take(struct client *c, enum wire_op op);
/* The answer to the request i, whatever its op. */
const struct frame *client_answer(struct client *c, int64_t i);
/* True if a frame of that op has come; after all that the server said before now. */
bool client_has(struct client *c, enum wire_op op);
/* A ping and its pong: everything the server said before has come. */
void client_sync(struct client *c);
/* Waits for the end; the close code. */
int client_gone(struct client *c);
/* Text of the last frame taken, as it came. */
const char *client_text(const struct client *c);
int64_t client_counted(const struct client *c);	/* bytes that count for credit, so far */

/* The welcome; the conversation of that name in it ("" when absent). */
const struct frame *client_welcome(const struct client *c);
const char *client_conv(const struct client *c, const char *name);

/* ---- requests that tests repeat ---- */

/* Makes a room and returns its conv (borrowed by the client). */
const char *client_create(struct client *c, const char *name, bool is_public);
/* do = verb on a room; true when it was done, else *code is the error. */
bool client_room(struct client *c, const char *verb, const char *conv, const char *user,
		enum code *code);
/* Subscribes from the beginning (seq 0) or after; waits for subbed and returns its row. */
const struct wire_subbed *client_sub(struct client *c, const char *conv, const char *epoch,
		int64_t seq, const char *id);
/* A cid that is unique in the test: the number n in a UUID. */
const char *client_cid(int n);
/* Sends msg with that lane and cid number; does not wait. */
void client_msg(struct client *c, const char *conv, int64_t lane, int cid, const char *text);
/* The same, and waits for its ack. */
const struct frame *client_post(struct client *c, const char *conv, int64_t lane, int cid,
		const char *text);
/* Takes events frames until n events of conv have come; seqs must follow each other from the first
 * prev. Returns the seq of the last. texts (may be NULL) gets bodies, joined by line feeds. */
int64_t client_events(struct client *c, const char *conv, size_t n, char *texts, size_t size);

#endif

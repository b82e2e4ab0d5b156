/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server's control socket, DATA/control: one line {"argv":["user","add","bob"]} in, one
 * line {"ok":true,"out":"…"} or {"ok":false,"kind":N,"error":"…","out":"…"} back. Only the
 * user who runs the server may connect. */
#ifndef DAEMON_CONTROL_H
#define DAEMON_CONTROL_H

#include "base/err.h"

struct control;
struct daemon;

#define CONTROL_REQUEST (64 * 1024)		/* bytes of a request, */
#define CONTROL_ANSWER (16 * 1024 * 1024)	/* of an answer */
#define CONTROL_CLIENTS 16			/* at a time; more wait their turn */
#define CONTROL_WAIT_MS 10000			/* for a request */

struct control *control_new(struct daemon *d, struct err *err);
void control_free(struct control *c);	/* NULL is fine; removes the socket */

#endif

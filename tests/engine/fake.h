/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A driver whose server is a few arrays: it acknowledges, echoes and refuses as a test wants. */
#ifndef TESTS_ENGINE_FAKE_H
#define TESTS_ENGINE_FAKE_H

#include <stdbool.h>

#include "drivers/driver.h"

struct loop;

/* How the server of the next link behaves. */
struct fake_server {
	struct loop *loop;
	bool is_away;			/* connecting fails */
	bool is_mute;			/* sends get no answer */
	int close_code;			/* after the greeting: close with this code */
	const char *refuse;		/* a text that is refused with `forbidden` */
	size_t sends, acks;
	struct link *link;
};

extern struct fake_server fake_server;
extern const struct driver fake_driver;

/* Somebody else says something in #lobby. */
void fake_says(const char *from, const char *text);
/* The connection is cut. */
void fake_cut(void);
/* Forgets the log. */
void fake_reset(struct loop *loop);
size_t fake_log_size(void);
/* The text of record i of the log. */
const char *fake_log_body(size_t i);

#endif

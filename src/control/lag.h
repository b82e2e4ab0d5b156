/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events that wait for a front that lags, merged so that their number has a limit: the newest of
 * a conversation, of an outbox row, of an account. */
#ifndef CONTROL_LAG_H
#define CONTROL_LAG_H

#include <stdbool.h>
#include <stddef.h>

#include "model/event.h"

struct lag;

/* events kept; when more would wait, one EV_MIRROR stands for all: look at everything again */
#define LAG_MAX 4096

struct lag *lag_new(void);
void lag_free(struct lag *l);
/* Keeps a copy, or merges it with what waits. Typing, presence and AI text are not kept: the next
 * one says it again. */
void lag_add(struct lag *l, const struct event *ev);
bool lag_is_empty(const struct lag *l);
/* The oldest, for free(); NULL when there is none. */
struct event *lag_take(struct lag *l);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of the shown conversation: a page or a few of its log, read from the mirror. */
#ifndef MODEL_WINDOW_H
#define MODEL_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "model/model.h"

void window_done(struct window *w);
/* EV_PAGE: w becomes another conversation's, or makes room for rows of (lo,hi]. */
void window_page(struct window *w, const struct event *ev, const char *user, const char *epoch);
void window_row(struct window *w, const struct message *msg);
void window_gap(struct window *w, int64_t lo, int64_t hi);
/* EV_PAGE_END: says what w covers now and drops what is too much. */
void window_page_end(struct window *w, bool at_old, bool at_new, bool keep_old);
/* Fills in the quotes of rows that answer msg. */
void window_replied(struct window *w, const struct message *msg);
/* EV_CONV of the shown conversation: notes what has to be read again. */
void window_conv(struct window *w, const struct event *ev);

#endif

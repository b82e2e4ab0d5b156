/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small team for tests of screens: its model is made from events only. */
#ifndef TESTS_UI_TEAM_H
#define TESTS_UI_TEAM_H

#include "ui/ui.h"

#define TEAM_DAY 1795478400000		/* 2026-11-24T00:00:00Z */
#define AT(h, m) (TEAM_DAY + ((h) * 60 + (m)) * 60000LL)

void team_link(struct model *m, const char *account, enum link_state state, const char *user);
void team_conv(struct model *m, const char *account, const char *name, int64_t head,
		int64_t unread, int64_t mentions);
/* Shows the conversation with rows (0,hi] to come. */
void team_open(struct model *m, const char *account, const char *name, int64_t hi);
void team_say(struct model *m, int64_t seq, int64_t ts, const char *from, const char *text);
void team_row(struct model *m, const struct message *msg);
void team_gap(struct model *m, int64_t lo, int64_t hi);
void team_close(struct model *m);
void team_wait(struct model *m, int64_t lane, const char *text, enum outbox_state state,
		const char *error);
/* The whole team in #build-infra. */
void team_init(struct model *m, struct ui *ui);

/* Types into the input line of ui: before and after the caret. */
void team_type(struct ui *ui, const char *before, const char *after);
/* The screen at this size must be wanted (first byte a line feed, for the look of the source). */
void team_sees(const struct model *m, struct ui *ui, int w, int h, const char *wanted);

#endif

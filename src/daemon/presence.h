/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is there and who is typing: told once to those who follow the same conversations, never
 * stored. stonechat-protocol(7), section 1.7. */
#ifndef DAEMON_PRESENCE_H
#define DAEMON_PRESENCE_H

#include <stdbool.h>

struct conn;
struct daemon;
struct frame;
struct sub;
struct user;

/* In a conversation that more connections follow, presence is not told: n people coming back at
 * once would cost n * n frames. */
#define PRESENCE_CROWD 64
/* How long a state holds without another word: it is told only when it changes. */
#define PRESENCE_TTL_MS (24 * 3600 * 1000)
#define TYPING_TTL_MS 10000

/* user came or went (user->is_online says which). */
void presence_changed(struct daemon *d, struct user *user);
/* Tells a new subscriber who is there. */
void presence_greet(struct sub *s);
/* The op "typing". */
bool typing_take(struct conn *c, struct frame *f);

#endif

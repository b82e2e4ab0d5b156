/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Standard input for commands: chunk by chunk, paused when they want no more. */
#ifndef FRONT_INPUT_H
#define FRONT_INPUT_H

#include <stdbool.h>
#include <stddef.h>

struct loop;
struct input;

/* silent runs once when nothing came in the first second. Never NULL. */
struct input *input_new(struct loop *loop, void (*silent)(void *arg), void *arg);
void input_free(struct input *in);
/* fn(arg, p, n) for each chunk, n = 0 at the end or on an error; false pauses. */
void input_start(struct input *in,
		bool (*fn)(void *arg, const char *p, size_t n), void *arg);
void input_more(struct input *in);
void input_stop(struct input *in);
/* A pipe, a file or a socket: something that a program feeds. */
bool input_is_data(void);

#endif

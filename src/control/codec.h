/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests, replies and events as lines of JSON: what travels on the control socket. One table
 * each says which member is which field, for both directions. */
#ifndef CONTROL_CODEC_H
#define CONTROL_CODEC_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "control/api.h"

/* The number both ends greet with. It grows when an older end could not understand a newer one. */
#define CONTROL_VERSION 1

/* Each appends one line with its line feed: {"i":7,"verb":"send",…}, {"re":7,"reply":"done",…},
 * {"event":"conv",…}. Absent strings, zeros and false are left out. False when b is full; nothing
 * was added then. Strings must be UTF-8 without NUL. */
bool codec_put_request(struct buf *b, int64_t i, const struct request *rq);
bool codec_put_reply(struct buf *b, int64_t re, const struct reply *r);
bool codec_put_event(struct buf *b, const struct event *ev);

/* Each fills *out from an object; strings are borrowed from o. False with ERR_USAGE for a wrong
 * type or an unknown word; *out is then unspecified. Absent strings become NULL (event: ""). */
bool codec_get_request(const json_t *o, struct request *out, struct err *err);
bool codec_get_reply(const json_t *o, struct reply *out, struct err *err);
bool codec_get_event(const json_t *o, struct event *out, struct err *err);

/* A copy that owns its strings, all in one block: free() it. */
struct event *codec_copy_event(const struct event *ev);

const char *verb_name(enum verb verb);

#endif

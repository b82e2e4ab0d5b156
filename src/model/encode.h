/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A record as the bytes of EVENT: made once, kept in the log, sent to everybody. */
#ifndef MODEL_ENCODE_H
#define MODEL_ENCODE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/record.h"

/* Appends {"seq", "id", "kind", "from", "device", "cid", "ts", "ref", "body"} in this order, and
 * "cur" behind them where there is one; ref "" is null. False when out is full, which then is as it
 * was. */
bool record_encode(struct buf *out, const struct record *r);
/* Appends v in decimal; false when out is full. Frames are full of numbers, and printf is slow. */
bool encode_int(struct buf *out, int64_t v);

#endif

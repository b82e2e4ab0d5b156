/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of ledger.db and what their numbers mean. */
#ifndef LEDGER_SCHEMA_H
#define LEDGER_SCHEMA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct sql;

/* A record's place: its conversation's number and its seq in one integer, so that the log is one
 * B-tree in the order of reading. 2^27 conversations of 2^36 records. */
#define POS_SEQ_BITS 36
#define POS_CONV_MAX (INT64_C(1) << 27)
static inline int64_t
pos_of(int64_t conv, int64_t seq)
{
	return conv << POS_SEQ_BITS | seq;
}

static inline int64_t
pos_seq(int64_t pos)
{
	return pos & ((INT64_C(1) << POS_SEQ_BITS) - 1);
}

/* Makes the tables in an empty file or brings older ones up to date; refuses a file of a later
 * version or another program. path is for the sentence. */
bool schema_make(struct sql *db, const char *path, struct err *err);
/* For readers: are the tables the present ones? */
bool schema_verify(struct sql *db, const char *path, struct err *err);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the read-only side share. */
#ifndef LEDGER_READER_H
#define LEDGER_READER_H

#include "sql/sql.h"
#include "ledger/decide.h"
#include "ledger/ledger.h"

enum {
	R_META, R_CONV, R_CONV_NAMED, R_ROLE, R_HEADS, R_ID_AT, R_PAGE,
	R_PAGE_BACK, R_OPS, R_OPS_BACK, R_FOLDS, R_MEMBERS, R_ROOMS, R_STREAMS, R_STREAM, R_RUNS,
	R_TOKEN, R_USER,
	R_COUNT
};

struct ledger_reader { struct sql *db; };

/* The conversation that query finds by key, and its number; false with ERR_NONE when unknown. */
bool reader_conv(struct ledger_reader *r, int query, const char *key, struct ledger_conv *out,
		int64_t *n, struct err *err);

/* One view of the file for several statements; reader_end always to be called after
 * reader_begin succeeded, gives back ok or that the end failed. */
bool reader_begin(struct ledger_reader *r, struct err *err);
bool reader_end(struct ledger_reader *r, bool ok, struct err *err);

#endif

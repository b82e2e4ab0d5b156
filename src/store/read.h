/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inside of the reader, shared by its files. */
#ifndef STORE_READ_H
#define STORE_READ_H

#include "base/buf.h"
#include "model/message.h"
#include "sql/sql.h"
#include "store/reader.h"

enum reader_stmt {
	R_CONVS, R_FIND_NAME, R_FIND_ID, R_CONV, R_USER, R_META, R_ROWS, R_ROWS_ALL, R_SINCE, R_NTH,
	R_NTH_ALL, R_BY_SEQ, R_BY_ID, R_RANGES, R_OUTBOX, R_OUTBOX_CONV, R_DRAFT,
	R_HITS, R_BEHIND, R_INDEXED, R_FRESH,
	R_SAVED, R_SAVED_ONE, R_SAVED_RANGES, R_SAVED_ROWS, R_CURSOR, R_BELOW, R_OUT_ROW, R_OWN,
	R_QUICK_CHECK, R_BAD_RANGES, R_OUTSIDE,
	R_COUNT
};
extern const char *const reader_sql[R_COUNT];

struct reader {
	struct sql *db;
	char *dir;
	int generation;
	char user[USER_MAX + 1];
	struct buf text, reply;		/* scratch for the row in hand */
};

/* A row of the columns that rows, message and hits share, from column col on. */
void reader_fill(struct reader *r, struct sql_query *q, int col, struct message *m);
void reader_fill_conv(struct sql_query *q, int col, struct conv_row *c);
/* The number of a conversation and its head and floor; false with ERR_NONE when unknown. */
struct reader_conv { int64_t n, head, floor; };
bool reader_conv(struct reader *r, const char *conv, struct reader_conv *out, struct err *err);

#endif

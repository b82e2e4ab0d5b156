/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A mirror in a folder of its own, written batch by batch. */
#ifndef TESTS_STORE_MIRROR_H
#define TESTS_STORE_MIRROR_H

#include "test.h"

#include <semaphore.h>

#include "model/batch.h"
#include "store/reader.h"
#include "store/writer.h"

#define C1 "c_1"
#define U(n) "018f0000-0000-7000-8000-00000000000" #n

struct mirror {
	char dir[64];
	struct writer *w;
	struct reader *r;	/* opened by the first use, closed by mirror_commit */
	struct batch b;		/* the one being made */
	sem_t done;
	struct writer_outcome out;
};

/* With user ann and the room #room (c_1, epoch e1). */
void mirror_init(struct mirror *m);
void mirror_done(struct mirror *m);
void mirror_open(struct mirror *m);
void mirror_close(struct mirror *m);
struct reader *mirror_reader(struct mirror *m);
/* Hands over what was made and waits; must succeed unless the caller looks at the result. */
enum writer_result mirror_try(struct mirror *m);
void mirror_commit(struct mirror *m);

/* Each adds to the batch in the making. */
struct record mirror_record(int64_t seq, const char *kind, const char *ref, const char *body);
void mirror_put(struct mirror *m, int64_t lo, int64_t hi, const struct record *v, size_t n);
void mirror_put_one(struct mirror *m, const struct record *r);
void mirror_say(struct mirror *m, int64_t seq, const char *from, const char *text);
void mirror_queue(struct mirror *m, const char *cid, int64_t lane);
void mirror_meta(struct mirror *m, const char *key, const char *value);

/* What a reader sees of c_1: "1:text 2:text" with * for edited, - for deleted, and reactions. */
const char *mirror_rows(struct mirror *m, const struct reader_range *q);
const char *mirror_all(struct mirror *m);
const char *mirror_search(struct mirror *m, const char *query);
/* One number of the database. */
int64_t mirror_number(struct mirror *m, const char *sql);

#endif

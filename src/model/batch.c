/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A batch: changes in an array, what they point to in blocks that never move. */
#include "model/batch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/arr.h"
#include "base/mem.h"

#define BLOCK_MIN (64 * 1024)
#define BLOCK_KEPT (256 * 1024)		/* larger ones are given back when a batch is cleared */

struct batch_block {
	struct batch_block *next;
	size_t n, cap;
	max_align_t data[];
};

void
batch_init(struct batch *b)
{
	memset(b, 0, sizeof *b);
}

static void
blocks_free(struct batch_block *k)
{
	while (k != NULL) {
		struct batch_block *next = k->next;

		free(k);
		k = next;
	}
}

void
batch_done(struct batch *b)
{
	blocks_free(b->blocks);
	free(b->v);
	batch_init(b);
}

void
batch_clear(struct batch *b)
{
	struct batch_block *first = b->blocks;

	if (first != NULL) {
		blocks_free(first->next);
		first->next = NULL;
		first->n = 0;
		if (first->cap > BLOCK_KEPT) {
			free(first);
			first = NULL;
		}
	}
	b->blocks = first;
	b->n = b->bytes = 0;
	b->is_own = false;
}

void
batch_reserve(struct batch *b, size_t changes, size_t bytes)
{
	struct batch_block *k = b->blocks;

	b->v = arr_grow_(b->v, b->n + changes, &b->cap, sizeof *b->v);
	if (k != NULL && k->cap - k->n >= bytes)
		return;
	k = xmalloc(sizeof *k + (bytes > BLOCK_MIN ? bytes : BLOCK_MIN));
	k->cap = bytes > BLOCK_MIN ? bytes : BLOCK_MIN;
	k->n = 0;
	k->next = b->blocks;
	b->blocks = k;
}

struct change *
batch_add(struct batch *b, enum change_type type, const char *conv)
{
	struct change *c;

	assert(b->n < b->cap);
	c = &b->v[b->n++];
	memset(c, 0, sizeof *c);
	c->type = type;
	c->conv = batch_str(b, conv);
	return c;
}

size_t
batch_cost(size_t n)
{
	return (n + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
}

void *
batch_alloc(struct batch *b, size_t n)
{
	struct batch_block *k = b->blocks;
	char *p;

	n = batch_cost(n);
	assert(k != NULL && k->cap - k->n >= n);
	p = (char *)k->data + k->n;
	k->n += n;
	b->bytes += n;
	return p;
}

char *
batch_strn(struct batch *b, const char *p, size_t n)
{
	char *copy = batch_alloc(b, n + 1);

	if (n > 0)
		memcpy(copy, p, n);
	copy[n] = '\0';
	return copy;
}

char *
batch_str(struct batch *b, const char *s)
{
	return batch_strn(b, s != NULL ? s : "", s != NULL ? strlen(s) : 0);
}

size_t
batch_records_cost(const struct record *v, size_t n)
{
	size_t sum = batch_cost(n * sizeof *v);

	for (size_t i = 0; i < n; i++) {
		const struct record *r = &v[i];

		sum += batch_cost(strlen(r->id) + 1) + batch_cost(strlen(r->kind_name) + 1)
			+ batch_cost(strlen(r->from) + 1) + batch_cost(strlen(r->device) + 1)
			+ batch_cost(strlen(r->cid) + 1) + batch_cost(strlen(r->ref) + 1)
			+ batch_cost(r->body_n + 1) + batch_cost(r->cur_n + 1);
	}
	return sum;
}

struct record *
batch_records(struct batch *b, const struct record *v, size_t n)
{
	struct record *copy = batch_alloc(b, n * sizeof *v);

	for (size_t i = 0; i < n; i++) {
		struct record *r = &copy[i];

		*r = v[i];
		r->id = batch_str(b, v[i].id);
		r->kind_name = batch_str(b, v[i].kind_name);
		r->from = batch_str(b, v[i].from);
		r->device = batch_str(b, v[i].device);
		r->cid = batch_str(b, v[i].cid);
		r->ref = batch_str(b, v[i].ref);
		r->body = batch_strn(b, v[i].body, v[i].body_n);
		if (v[i].cur != NULL)
			r->cur = batch_strn(b, v[i].cur, v[i].cur_n);
	}
	return copy;
}

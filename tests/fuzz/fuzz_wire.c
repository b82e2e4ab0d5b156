/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames and bodies from anybody: no crash; what is taken settles after one writing; what JSON is,
 * jansson says. */
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "fuzz.h"
#include "wire/read.h"
#include "wire/wire.h"

#define OUT_MAX (16 * 1024 * 1024)

/* Both readers take it, or both refuse it; an escaped NUL alone is no error to ours. */
static void
compare_readers(const char *p, size_t n)
{
	alignas(max_align_t) char first[512];
	json_t *theirs = json_strict(p, n, NULL);
	const struct value *ours;
	struct arena arena;
	struct err err;
	bool has_nul = false;

	arena_init(&arena, first, sizeof first);
	ours = read_json(&arena, p, n, &has_nul, &err);
	/* jansson overlooks a bare NUL behind a number */
	must(ours ? has_nul || theirs : !theirs || memchr(p, '\0', n));
	must(ours || *err.msg);
	if (ours && theirs) {
		char *compact = malloc(ours->raw_n + 1);
		json_t *again = json_strict(compact, value_compact(ours, compact), NULL);

		must(json_equal(theirs, again));
		json_decref(again);
		free(compact);
	}
	json_decref(theirs);
	arena_done(&arena);
}

static struct frame *
decode(enum wire_side side, const char *p, size_t n)
{
	enum wire_fault fault = WIRE_FINE;
	struct err err = { ERR_NONE, "" };
	int64_t i;
	struct frame *f = wire_decode(side, p, n, &fault, &i, &err);

	must((f != NULL) == (fault == WIRE_FINE));
	must(f || (err.kind == ERR_USAGE && *err.msg));
	return f;
}

/* What was taken is written, read and written again: both texts are the same. */
static void
settle(enum wire_side side, struct frame *f)
{
	struct frame *again;
	struct buf once, twice;

	if (!f || f->op == WIRE_UNKNOWN || (f->op == WIRE_SEND && f->send.bad)) {
		frame_free(f);
		return;
	}
	buf_init(&once, OUT_MAX);
	buf_init(&twice, OUT_MAX);
	must(wire_encode(side, f, &once));
	frame_free(f);
	again = decode(side, once.p, once.n);
	must(again && wire_encode(side, again, &twice));
	must(once.n == twice.n && memcmp(once.p, twice.p, once.n) == 0);
	frame_free(again);
	buf_done(&once);
	buf_done(&twice);
}

static void
parse_body(enum record_kind kind, const char *p, size_t n)
{
	struct body_memory *keep;
	struct body body;
	struct buf out;
	struct err err;

	if (!body_parse(kind, p, n, &body, &keep, &err))
		return;
	buf_init(&out, OUT_MAX);
	must(body_encode(kind, &body, &out));
	body_free(keep);
	must(body_parse(kind, out.p, out.n, &body, &keep, &err));
	body_free(keep);
	buf_done(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data;

	compare_readers(p, size);
	settle(WIRE_CLIENT, decode(WIRE_CLIENT, p, size));
	settle(WIRE_SERVER, decode(WIRE_SERVER, p, size));
	if (size > 0)
		parse_body(data[0] % (REC_OTHER + 1), p + 1, size - 1);
	return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames made at random by the tables: what is written reads back and is written again the same. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arr.h"
#include "base/utf8.h"
#include "wire/put.h"

#define FRAMES 3000	/* of every op and side */
#define OUT_MAX (1024 * 1024)

/* Where the members of a row lie. */
#define AT(type_, m_, to_) ((type_ *)(void *)((char *)(to_) + (m_)->at))
#define AT_N(type_, m_, to_) ((type_ *)(void *)((char *)(to_) + (m_)->at_n))

/* xorshift64: the seed in a message is the whole case. */
struct chance {
	uint64_t x;
	arr(void *) memory;
};

static uint64_t
draw(struct chance *c, uint64_t below)
{
	c->x ^= c->x << 13;
	c->x ^= c->x >> 7;
	c->x ^= c->x << 17;
	return c->x % below;
}

static void *
keep(struct chance *c, void *p)
{
	arr_push(&c->memory, p);
	return p;
}

static int64_t
draw_int(struct chance *c, int64_t min, int64_t max)
{
	int64_t n;

	switch (draw(c, 4)) {
	case 0: n = (int64_t)draw(c, 10); break;
	case 1: n = min; break;
	case 2: n = max; break;
	default: n = (int64_t)(draw(c, UINT64_MAX) >> draw(c, 64)); break;
	}
	return n < min ? min : n > max ? max : n;
}

/* Text of min to max bytes, with all that JSON and terminals make something of. */
static char *
draw_text(struct chance *c, int64_t min, int64_t max)
{
	static const uint32_t points[] = { '"', '\\', '/', 1, '\n', 0x1b, 0x7f, 0x9b, 0xe9, 0x202e,
		0x2066, 0xfffd, 0x1f44d, 0x10ffff, ' ', '{', ']', ',', ':', 'u' };
	size_t want = (size_t)min + draw(c, (uint64_t)(max - min > 40 ? 40 : max - min) + 1);
	char *text = keep(c, xcalloc(1, want + 5));
	size_t n = 0;

	while (n < want) {
		char p[4];
		uint32_t cp = draw(c, 2) ? 'a' + (uint32_t)draw(c, 26) :
			points[draw(c, countof(points))];
		int len = utf8_put(cp, p);

		if (n + (size_t)len > want) {
			p[0] = 'x';
			len = 1;
		}
		memcpy(text + n, p, (size_t)len);
		n += (size_t)len;
	}
	return text;
}

static char *
draw_id(struct chance *c)
{
	char *id = keep(c, xmalloc(37));

	snprintf(id, 37, "%08x-%04x-7%03x-8%03x-%012llx", (unsigned)draw(c, UINT32_MAX),
		(unsigned)draw(c, 0x10000), (unsigned)draw(c, 0x1000), (unsigned)draw(c, 0x1000),
		(unsigned long long)draw(c, UINT64_C(1) << 48));
	return id;
}

static const char *
draw_word(struct chance *c, const char *const *words, unsigned *place)
{
	size_t n = 0;

	while (words[n])
		n++;
	*place = (unsigned)draw(c, n);
	return words[*place];
}

static char *
draw_json(struct chance *c, enum shape shape)
{
	static const char *const values[] = { "{\"a\":[1,-2,0.5,null,true,\"\\u001B\"]}", "{}",
		"{\"b\":{\"c\":{}}}" };
	const char *v = values[draw(c, 3)];

	return keep(c, shape == SHAPE_ARRAY ? xasprintf("[%s]", v) : xstrdup(v));
}

static void draw_table(struct chance *c, enum wire_side side, const struct table *table, void *to);

static void
draw_list(struct chance *c, enum wire_side side, const struct member *m, void *to)
{
	size_t most = m->max > 4 ? 4 : (size_t)m->max;
	size_t n = (size_t)m->min + draw(c, most - (size_t)m->min + 1);
	size_t size = m->shape == SHAPE_INTS ? sizeof(int64_t) :
		m->shape == SHAPE_STRS ? sizeof(char *) : m->table->size;
	char *list = keep(c, xcalloc(n + 1, size));

	for (size_t i = 0; i < n; i++) {
		void *e = list + i * size;

		if (m->shape == SHAPE_INTS)
			*(int64_t *)e = draw_int(c, 0, INT64_MAX);
		else if (m->shape == SHAPE_STRS)
			*(const char **)e = draw_text(c, 1, WIRE_WORD_MAX);
		else
			draw_table(c, side, m->table, e);
	}
	*AT(void *, m, to) = list;
	*AT_N(size_t, m, to) = n;
}

static void
draw_kind(struct chance *c, const struct member *m, void *to)
{
	enum record_kind kind;

	do
		kind = (enum record_kind)draw(c, REC_OTHER + 1);
	while (m->max && !(m->max & 1 << kind));
	*AT(enum record_kind, m, to) = kind;
	*AT_N(const char *, m, to) = kind == REC_OTHER ? "poll" : record_kind_name(kind);
}

static void
draw_body(struct chance *c, enum wire_side side, const struct member *m, void *to)
{
	struct frame *f = to;
	struct body *body = AT(struct body, m, to);

	*body = (struct body)BODY_EMPTY;
	draw_table(c, side, &wire_bodies[f->send.kind], body);
	if (f->send.kind == REC_REACT)
		body->emoji = "👩‍👩‍👧";
	if (!*f->send.ref)
		f->send.ref = draw_id(c);
}

static void
draw_member(struct chance *c, enum wire_side side, const struct member *m, void *to)
{
	unsigned place;
	char *text;

	switch (m->shape) {
	case SHAPE_INT: *AT(int64_t, m, to) = draw_int(c, m->min, m->max); break;
	case SHAPE_TTL: *AT(int64_t, m, to) = draw_int(c, 0, INT64_MAX); break;
	case SHAPE_BOOL: *AT(bool, m, to) = draw(c, 2); break;
	case SHAPE_FLAG: *AT(bool, m, to) = true; break;
	case SHAPE_STR:
		*AT(const char *, m, to) = text = draw_text(c, m->min, m->max);
		if (m->at_n)
			*AT_N(size_t, m, to) = strlen(text);
		break;
	case SHAPE_ID: *AT(const char *, m, to) = draw_id(c); break;
	case SHAPE_WORD: *AT(const char *, m, to) = draw_word(c, m->words, &place); break;
	case SHAPE_ENUM:
		draw_word(c, m->words, &place);
		*AT(unsigned, m, to) = place;
		break;
	case SHAPE_CODE: *AT(enum code, m, to) = 1 + (enum code)draw(c, CODE_COUNT - 1); break;
	case SHAPE_KIND: draw_kind(c, m, to); break;
	case SHAPE_PART:
		draw_table(c, side, m->table, m->table->size > 0 ? AT(char, m, to) : to);
		break;
	case SHAPE_BODY: draw_body(c, side, m, to); break;
	case SHAPE_OBJECT:
	case SHAPE_ARRAY:
	case SHAPE_ANY:
		*AT(const char *, m, to) = text = draw_json(c, m->shape);
		*AT_N(size_t, m, to) = strlen(text);
		break;
	default: draw_list(c, side, m, to); break;
	}
}

static void
draw_table(struct chance *c, enum wire_side side, const struct table *table, void *to)
{
	for (size_t i = 0; i < table->n; i++) {
		const struct member *m = &table->v[i];

		if ((m->sides && !(m->sides & side)) ||
				(m->only && !(m->only & table->variant(to))))
			continue;
		if (m->need == NEED || draw(c, 2))
			draw_member(c, side, m, to);
		else if (m->shape == SHAPE_INT || m->shape == SHAPE_TTL)
			*AT(int64_t, m, to) = WIRE_ABSENT;
		else if (m->shape == SHAPE_ID)
			*AT(const char *, m, to) = "";
		else if (m->shape == SHAPE_PART && m->table->size == 0)
			draw_member(c, side, m, to);
	}
}

/* What a check of the row demands beyond the tables. */
static void
make_good(struct chance *c, struct frame *f)
{
	int64_t lo = f->fetch.lo, hi = f->fetch.hi;

	if (f->op == WIRE_FETCH) {
		f->fetch.lo = lo < hi ? lo : hi;
		f->fetch.hi = lo < hi ? hi : lo;
		f->fetch.refs_lo = 1;
		f->fetch.refs_hi = 1 + (int64_t)draw(c, 9);
	} else if (f->op == WIRE_SUB) {
		for (size_t i = 0; i < f->sub.n_subs; i++) {
			f->sub.subs[i].epoch = "e";
			f->sub.subs[i].id = draw_id(c);
		}
	} else if (f->op == WIRE_ROOM) {
		f->room.act = f->room.act ? f->room.act : "create";
		f->room.name = f->room.name ? f->room.name : "#c";
		f->room.user = f->room.user ? f->room.user : "bob";
		f->room.role = f->room.role ? f->room.role : "owner";
	}
}

static void
expect_same(enum wire_side side, const struct frame *f, uint64_t seed)
{
	enum wire_fault fault;
	struct buf once, twice;
	struct frame *back;
	struct err err;
	int64_t i;

	buf_init(&once, OUT_MAX);
	buf_init(&twice, OUT_MAX);
	assert_true(wire_encode(side, f, &once));
	back = wire_decode(side, once.p, once.n, &fault, &i, &err);
	if (!back || (back->op == WIRE_SEND && back->send.bad))
		fail_msg("seed %llu: %s: %s", (unsigned long long)seed,
			back ? back->send.bad_why : err.msg, once.p);
	assert_int_equal(back->op, f->op);
	assert_true(wire_encode(side, back, &twice));
	if (strcmp(once.p, twice.p) != 0)
		fail_msg("seed %llu:\n%s\n%s", (unsigned long long)seed, once.p, twice.p);
	frame_free(back);
	buf_done(&once);
	buf_done(&twice);
}

static void
round_trip(enum wire_op op, enum wire_side side, uint64_t seed)
{
	const struct wire_row *row = &wire_rows[op];
	struct chance c = { .x = seed };
	struct frame f = { .op = op, .i = WIRE_ABSENT, .re = WIRE_ABSENT };

	draw_table(&c, side, &wire_numbers, &f);
	draw_table(&c, side, row->members, &f);
	if (row->rest) {
		f.send.ref = "";
		draw_table(&c, side, row->rest, &f);
	}
	make_good(&c, &f);
	expect_same(side, &f, seed);
	for (size_t i = 0; i < c.memory.n; i++)
		free(c.memory.v[i]);
	arr_done(&c.memory);
}

static void
every_frame_survives_the_wire(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (enum wire_op op = 0; op < WIRE_UNKNOWN; op++) {
		for (int side = WIRE_CLIENT; side <= WIRE_SERVER; side++) {
			for (int i = 0; (wire_rows[op].sides & side) && i < FRAMES; i++)
				round_trip(op, side, seed++ * UINT64_C(0x9e3779b97f4a7c15));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_frame_survives_the_wire),
	};

	return cmocka_run_group_tests_name("round trip", tests, NULL, NULL);
}

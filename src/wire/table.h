/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How JSON maps to structs: tables of members, read by take.c and written by put.c. */
#ifndef WIRE_TABLE_H
#define WIRE_TABLE_H

#include "wire/wire.h"

/* What a member is in JSON and in the struct. */
enum shape {
	SHAPE_INT,	/* an integer: int64_t, min to max */
	SHAPE_TTL,	/* an integer: int64_t; what is below 0 reads as 0 */
	SHAPE_BOOL,	/* bool */
	SHAPE_STR,	/* a string of min to max bytes: const char *, and its length at at_n */
	SHAPE_ID,	/* a UUID in canonical form, or "" where min is 0: const char * */
	SHAPE_WORD,	/* one of words: const char * */
	SHAPE_ENUM,	/* one of words: the enum whose values are their places */
	SHAPE_FLAG,	/* the one word of words, when bool is true */
	SHAPE_CODE,	/* an error code: enum code; a word of a later version reads as internal */
	/* a kind of record, of those that max has as bits (0: all): enum record_kind, and its word
	 * at at_n */
	SHAPE_KIND,
	SHAPE_INTS,	/* an array of min to max integers: int64_t *, and how many at at_n */
	SHAPE_STRS,	/* the same of strings, 1 to WIRE_WORD_MAX bytes each: const char ** */
	SHAPE_ROWS,	/* the same of structs that table tells of */
	/* the same of struct record; written from the text at at_raw, where there is one, whose
	 * length follows it */
	SHAPE_RECORDS,
	SHAPE_PART,	/* an object or tuple whose members lie in the same struct: table */
	SHAPE_OBJECT,	/* an object, kept as compact JSON: const char *, its length at at_n */
	SHAPE_ARRAY,	/* the same with an array of objects */
	SHAPE_ANY,	/* the same with whatever it is */
	SHAPE_BODY,	/* the body of the record whose kind was just read: struct body */
};

enum need {
	MAY,		/* not written when empty or WIRE_ABSENT */
	NEED,
	SHOWN,		/* written even when empty; may be missing when read */
	MAY_NULL,	/* a string that may also be null, which is "" */
	NULLABLE	/* the same, and written as null when empty */
};

struct member {
	const char *name;
	const char *key;	/* ,"name": */
	const char *const *words;
	const struct table *table;
	int64_t min, max;
	enum shape shape;
	enum need need;
	unsigned sides;		/* who sends it, as bits; 0: both */
	unsigned only;		/* the variants of the struct that have it, as bits; 0: all */
	uint16_t name_n, key_n, at, at_n, at_raw;
};

/* The members of one struct, in the order in which they are read and written. */
struct table {
	const struct member *v;
	size_t n;
	size_t size;		/* of the struct; 0: it is part of another */
	/* elements of an array instead of members of an object */
	bool is_tuple;
	/* the variant of a struct whose first members were read, as a bit for only; may be NULL */
	unsigned (*variant)(const void *row);
};

/* One frame. */
struct wire_row {
	const char *name;
	unsigned sides;			/* who sends it, as bits */
	unsigned states;		/* in which states of the connection, as bits */
	const struct table *members;	/* in order, behind op, i and re */
	/* members whose faults a nack answers (send); may be NULL */
	const struct table *rest;
	/* what no single member can tell, of members and rest; may be NULL */
	bool (*check)(enum wire_side side, const struct frame *f, struct err *err);
};

#define WIRE_LIST_MAX 65536	/* elements of a list that nothing else limits */
#define WIRE_VERSIONS_MAX 16
#define WIRE_CAPS_MAX 64
#define WIRE_WORD_MAX 64	/* bytes of one of them, or of a word whose set is open */
#define WIRE_TOKEN_MAX 256
#define WIRE_AGENT_MAX 256
#define WIRE_TEXT_MAX WIRE_SERVER_FRAME	/* bytes of a text that only the frame limits */

/* i of a client's frames, re of a server's. */
extern const struct table wire_numbers;
/* By op, WIRE_UNKNOWN excluded. */
extern const struct wire_row wire_rows[WIRE_UNKNOWN];
/* By kind, REC_OTHER excluded: the members of struct body. */
extern const struct table wire_bodies[REC_OTHER];

/* The words of the tables. FROM is the struct that the members lie in. */
#define MEMBER(name_, shape_, need_, at_) .name = name_, .name_n = sizeof name_ - 1, \
	.key = ",\"" name_ "\":", .key_n = sizeof ",\"" name_ "\":" - 1, \
	.shape = SHAPE_##shape_, .need = need_, .at = offsetof(struct FROM, at_)
#define AND(at_) .at_n = offsetof(struct FROM, at_)
#define INT(name_, need_, at_) { MEMBER(name_, INT, need_, at_), .max = INT64_MAX }
#define STR(name_, need_, at_, min_, max_) \
	{ MEMBER(name_, STR, need_, at_), .min = min_, .max = max_ }
#define MEMBERS(...) .v = (const struct member[]){ __VA_ARGS__ }, \
	.n = sizeof (const struct member[]){ __VA_ARGS__ } / sizeof(struct member)
#define TABLE(...) &(const struct table){ MEMBERS(__VA_ARGS__) }

#endif

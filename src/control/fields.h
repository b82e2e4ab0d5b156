/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of the codec: which JSON member is which field of a request, a reply, an event. */
#ifndef CONTROL_FIELDS_H
#define CONTROL_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

enum field_type {
	FIELD_STR,	/* const char * */
	FIELD_TEXT,	/* const char * with its length in a size_t at `length` */
	FIELD_CHARS,	/* char[length] */
	FIELD_I64, FIELD_INT, FIELD_BOOL,
	FIELD_WORD	/* an enum, as a word; 0 is left out */
};

struct field {
	const char *key;
	enum field_type type;
	unsigned types;		/* bit n: the field belongs to values of type n */
	size_t offset, length;
	const char *(*name)(int value);
	bool (*parse)(const char *word, int *value);
};

/* Each ends with a NULL key. */
extern const struct field request_fields[], reply_fields[], event_fields[];

bool verb_parse(const char *word, int *verb);
const char *reply_type_name(int type);
bool reply_type_parse(const char *word, int *type);
const char *event_type_name(int type);
bool event_type_parse(const char *word, int *type);

#endif

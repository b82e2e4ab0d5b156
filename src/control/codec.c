/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The codec walks a table of fields; the tables are in fields.c. */
#include "control/codec.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "control/fields.h"

static const void *
at(const void *base, size_t offset)
{
	return (const char *)base + offset;
}

static bool
put_key(struct buf *b, const char *key)
{
	return buf_addc(b, ',') && buf_addc(b, '"') && buf_adds(b, key) && buf_adds(b, "\":");
}

static bool
put_string(struct buf *b, const char *key, const char *s, size_t n)
{
	if (!s || n == 0)
		return true;
	return put_key(b, key) && json_add_string(b, s, n);
}

static bool
put_int(struct buf *b, const char *key, int64_t n)
{
	return n == 0 || (put_key(b, key) && buf_addf(b, "%lld", (long long)n));
}

static bool
put_field(struct buf *b, const struct field *f, const void *base)
{
	const void *p = at(base, f->offset);
	const char *s;

	switch (f->type) {
	case FIELD_STR:
		s = *(const char *const *)p;
		return put_string(b, f->key, s, s ? strlen(s) : 0);
	case FIELD_CHARS:
		return put_string(b, f->key, p, strlen(p));
	case FIELD_TEXT:
		return put_string(b, f->key, *(const char *const *)p,
				*(const size_t *)at(base, f->length));
	case FIELD_I64:
		return put_int(b, f->key, *(const int64_t *)p);
	case FIELD_INT:
		return put_int(b, f->key, *(const int *)p);
	case FIELD_BOOL:
		return !*(const bool *)p || (put_key(b, f->key) && buf_adds(b, "true"));
	case FIELD_WORD:
		s = f->name(*(const int *)p);
		return *(const int *)p == 0 || put_string(b, f->key, s, strlen(s));
	}
	return false;
}

/* The rows of a table that apply to a value of this type, then the end of the line. */
static bool
put_fields(struct buf *b, const struct field *rows, unsigned type, const void *base)
{
	for (const struct field *f = rows; f->key; f++)
		if ((f->types & 1u << type) && !put_field(b, f, base))
			return false;
	return buf_adds(b, "}\n");
}

/* What was added so far goes away again when the line did not fit. */
static bool
whole(struct buf *b, size_t before, bool ok)
{
	if (!ok)
		buf_cut(b, before);
	return ok;
}

bool
codec_put_request(struct buf *b, int64_t i, const struct request *rq)
{
	size_t before = b->n;

	return whole(b, before, buf_addf(b, "{\"i\":%lld,\"verb\":\"%s\"", (long long)i,
			verb_name(rq->verb)) && put_fields(b, request_fields, 0, rq));
}

bool
codec_put_reply(struct buf *b, int64_t re, const struct reply *r)
{
	size_t before = b->n;

	return whole(b, before, buf_addf(b, "{\"re\":%lld,\"reply\":\"%s\"", (long long)re,
			reply_type_name(r->type)) && put_fields(b, reply_fields, 0, r));
}

bool
codec_put_event(struct buf *b, const struct event *ev)
{
	size_t before = b->n;

	return whole(b, before, buf_addf(b, "{\"event\":\"%s\"", event_type_name(ev->type)) &&
			put_fields(b, event_fields, ev->type, ev));
}

static bool
wrong(struct err *err, const char *key)
{
	return err_set(err, ERR_USAGE, "member \"%s\" has a wrong type or value", key);
}

static bool
get_string(const struct field *f, const json_t *v, void *base)
{
	void *p = (char *)base + f->offset;

	if (!json_is_string(v))
		return false;
	if (f->type == FIELD_CHARS) {
		str_copy(p, f->length, json_string_value(v));
		return true;
	}
	*(const char **)p = json_string_value(v);
	if (f->type == FIELD_TEXT)
		*(size_t *)((char *)base + f->length) = json_string_length(v);
	return true;
}

static bool
get_field(const struct field *f, const json_t *v, void *base)
{
	void *p = (char *)base + f->offset;

	switch (f->type) {
	case FIELD_STR:
	case FIELD_CHARS:
	case FIELD_TEXT:
		return get_string(f, v, base);
	case FIELD_I64:
		if (!json_is_integer(v))
			return false;
		*(int64_t *)p = json_integer_value(v);
		return true;
	case FIELD_INT:
		if (!json_is_integer(v) || json_integer_value(v) < 0 || json_integer_value(v) > 255)
			return false;
		*(int *)p = (int)json_integer_value(v);
		return true;
	case FIELD_BOOL:
		*(bool *)p = json_is_true(v);
		return json_is_boolean(v);
	case FIELD_WORD:
		return json_is_string(v) && f->parse(json_string_value(v), p);
	}
	return false;
}

static bool
get_fields(const json_t *o, const struct field *rows, unsigned type, void *base,
		const char *absent, struct err *err)
{
	for (const struct field *f = rows; f->key; f++) {
		const json_t *v;

		if (!(f->types & 1u << type))
			continue;
		v = json_object_get(o, f->key);
		if (v && !get_field(f, v, base))
			return wrong(err, f->key);
		if (!v && (f->type == FIELD_STR || f->type == FIELD_TEXT))
			*(const char **)((char *)base + f->offset) = absent;
	}
	return true;
}

static bool
get_type(const json_t *o, const char *key, bool (*parse)(const char *, int *), int *type,
		struct err *err)
{
	const char *word = json_str(o, key);

	return (word && parse(word, type)) || wrong(err, key);
}

bool
codec_get_request(const json_t *o, struct request *out, struct err *err)
{
	int verb = 0;

	memset(out, 0, sizeof *out);
	if (!get_type(o, "verb", verb_parse, &verb, err))
		return false;
	out->verb = (enum verb)verb;
	return get_fields(o, request_fields, 0, out, NULL, err);
}

bool
codec_get_reply(const json_t *o, struct reply *out, struct err *err)
{
	int type = 0;

	memset(out, 0, sizeof *out);
	if (!get_type(o, "reply", reply_type_parse, &type, err))
		return false;
	out->type = (enum reply_type)type;
	return get_fields(o, reply_fields, 0, out, NULL, err);
}

bool
codec_get_event(const json_t *o, struct event *out, struct err *err)
{
	int type = 0;

	memset(out, 0, sizeof *out);
	if (!get_type(o, "event", event_type_parse, &type, err))
		return false;
	out->type = (enum event_type)type;
	return get_fields(o, event_fields, (unsigned)type, out, "", err);
}

static size_t
string_size(const struct field *f, const struct event *ev)
{
	const char *s;

	if (f->type == FIELD_TEXT)
		return *(const size_t *)at(ev, f->length) + 1;
	s = *(const char *const *)at(ev, f->offset);
	return (s ? strlen(s) : 0) + 1;
}

static bool
is_string_of(const struct field *f, const struct event *ev)
{
	return (f->types & 1u << ev->type) && (f->type == FIELD_STR || f->type == FIELD_TEXT);
}

struct event *
codec_copy_event(const struct event *ev)
{
	size_t size = sizeof *ev;
	struct event *copy;
	char *p;

	for (const struct field *f = event_fields; f->key; f++)
		if (is_string_of(f, ev))
			size += string_size(f, ev);
	copy = xmalloc(size);
	*copy = *ev;
	p = (char *)(copy + 1);
	for (const struct field *f = event_fields; f->key; f++) {
		const char *s;
		size_t n;

		if (!is_string_of(f, ev))
			continue;
		s = *(const char *const *)at(ev, f->offset);
		n = string_size(f, ev);
		if (n > 1)
			memcpy(p, s, n - 1);
		p[n - 1] = '\0';
		*(const char **)((char *)copy + f->offset) = p;
		p += n;
	}
	return copy;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a front hands over to be imported, checked and made into a change of the mirror. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arr.h"
#include "base/buf.h"
#include "base/i18n.h"
#include "base/id.h"
#include "base/json.h"
#include "engine/archive.h"
#include "model/batch.h"

/* Records as they are read: each with its own JSON, which lives until all is copied. */
struct take {
	arr(char *) texts;
	arr(json_t *) trees;
	arr(struct record) records;
	const char *p;			/* what is still to be read */
	size_t n;
};

static void
take_done(struct take *t)
{
	for (size_t i = 0; i < t->trees.n; i++)
		json_decref(t->trees.v[i]);
	for (size_t i = 0; i < t->texts.n; i++)
		free(t->texts.v[i]);
	arr_done(&t->records);
	arr_done(&t->trees);
	arr_done(&t->texts);
}

/* The compact text of a member that is an object; NULL when it is none, or too large. */
static char *
object_text(struct take *t, const json_t *o, const char *key, size_t *n)
{
	const json_t *v = json_object_get(o, key);
	struct buf b;
	char *text;

	if (!json_is_object(v))
		return NULL;
	buf_init(&b, ARCHIVE_TEXT_MAX);
	if (!json_add(&b, v)) {
		buf_done(&b);
		return NULL;
	}
	*n = b.n;
	text = buf_take(&b);
	arr_push(&t->texts, text);
	return text;
}

static const char *
member(const json_t *o, const char *key)
{
	const char *s = json_str(o, key);

	return s ? s : "";
}

static bool
take_line(struct take *t, const char *p, size_t n, struct err *err)
{
	json_t *o = json_strict(p, n, err);
	struct record *r;

	if (!o)
		return false;
	arr_push(&t->trees, o);
	r = arr_new(&t->records);
	r->id = member(o, "id");
	r->kind_name = member(o, "kind");
	r->kind = record_kind_parse(r->kind_name);
	r->from = member(o, "from");
	r->device = r->cid = "";
	r->ref = member(o, "ref");
	r->ts = json_int(o, "ts", 0);
	r->body = object_text(t, o, "body", &r->body_n);
	r->cur = object_text(t, o, "cur", &r->cur_n);
	if (id_valid(r->id) && r->kind != REC_OTHER && r->body && *r->from &&
			strlen(r->from) <= ARCHIVE_FROM_MAX && strlen(r->ref) < ID_SIZE)
		return true;
	return err_set(err, ERR_USAGE, _("that is no record"));
}

static bool
take_lines(struct take *t, struct err *err)
{
	while (t->n > 0) {
		const char *end = memchr(t->p, '\n', t->n);
		size_t line = end ? (size_t)(end - t->p) : t->n;

		if (t->records.n == ARCHIVE_RECORDS_MAX)
			return err_set(err, ERR_USAGE, _("too many records at once"));
		if (line > 0 && !take_line(t, t->p, line, err))
			return false;
		t->n -= line + (end ? 1 : 0);
		t->p += line + (end ? 1 : 0);
	}
	return true;
}

/* The same name is the same conversation, on every machine. */
static void
conv_of(const char *name, char conv[CONV_ID_MAX + 1])
{
	char hash[HASH_SIZE];

	hash_hex(name, strlen(name), hash);
	snprintf(conv, CONV_ID_MAX + 1, "a_%.24s", hash);
}

bool
archive_take(struct batch *b, const struct request *rq, char conv[CONV_ID_MAX + 1], int64_t *n,
		struct err *err)
{
	const char *name = rq->target ? rq->target : "";
	struct take t = { .p = rq->text ? rq->text : "", .n = rq->text ? rq->text_n : 0 };
	struct change *ch;
	bool ok;

	if (name[0] != '#' || !id_name_valid(name + 1))
		return err_set(err, ERR_USAGE, _("\"%.64s\" is no name of a room"), name);
	ok = take_lines(&t, err);
	if (ok) {
		conv_of(name, conv);
		batch_reserve(b, 2, batch_records_cost(t.records.v, t.records.n) +
				2 * batch_cost(CONV_ID_MAX + 1) + batch_cost(strlen(name) + 1));
		ch = batch_add(b, CHANGE_HEAD, conv);
		ch->head.conv = ch->conv;
		ch->head.name = batch_str(b, name);
		ch->head.topic = NULL;
		ch->head.epoch = ch->head.id = "";
		ch->head.kind = CONV_ROOM;
		ch->head.seq = ch->head.unread = ch->head.mentions = -1;
		ch = batch_add(b, CHANGE_IMPORT, conv);
		ch->import.v = batch_records(b, t.records.v, t.records.n);
		ch->import.n = t.records.n;
		b->is_own = true;
		*n = (int64_t)t.records.n;
	}
	take_done(&t);
	return ok;
}

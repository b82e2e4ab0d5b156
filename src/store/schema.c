/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables; stonechat-protocol(7), section 7. A message is one row of event; what edits,
 * deletions and reactions made of it is a row of fold, which only such messages have. */
#include "store/schema.h"

#include "base/i18n.h"
#include "sql/schema.h"

static const char *const steps[] = {
	"CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE conv ("
	"	n INTEGER PRIMARY KEY,"
	"	conv TEXT NOT NULL UNIQUE,"
	"	name TEXT NOT NULL, kind TEXT NOT NULL, topic TEXT NOT NULL DEFAULT '',"
	"	epoch TEXT NOT NULL DEFAULT '',"
	"	head INTEGER NOT NULL DEFAULT 0, head_id TEXT NOT NULL DEFAULT '',"
	"	floor INTEGER NOT NULL DEFAULT 0,"
	"	read INTEGER NOT NULL DEFAULT 0,"
	"	unread INTEGER NOT NULL DEFAULT 0, mentions INTEGER NOT NULL DEFAULT 0,"
	"	counted INTEGER NOT NULL DEFAULT 0,"	/* unread and mentions include up to here */
	"	lane_next INTEGER NOT NULL DEFAULT 1,"
	"	closed INTEGER NOT NULL DEFAULT 0,"
	"	last_ts INTEGER NOT NULL DEFAULT 0) STRICT;"
	"CREATE TABLE event ("
	"	conv INTEGER NOT NULL REFERENCES conv, seq INTEGER NOT NULL,"
	"	id TEXT NOT NULL, kind TEXT NOT NULL, sender TEXT NOT NULL, device TEXT,"
	"	cid TEXT, ref TEXT, ts INTEGER NOT NULL, body TEXT NOT NULL,"
	"	mine INTEGER NOT NULL, PRIMARY KEY (conv, seq)) STRICT, WITHOUT ROWID;"
	"CREATE UNIQUE INDEX event_id ON event (conv, id);"
	"CREATE INDEX event_ref ON event (conv, ref) WHERE ref IS NOT NULL;"
	"CREATE INDEX event_cid ON event (cid) WHERE mine = 1;"
	"CREATE TABLE fold ("
	"	conv INTEGER NOT NULL REFERENCES conv, id TEXT NOT NULL,"
	"	text TEXT, edited INTEGER NOT NULL DEFAULT 0, deleted INTEGER NOT NULL DEFAULT 0,"
	"	reacts TEXT NOT NULL DEFAULT '{}',"
	"	cur TEXT, as_of INTEGER NOT NULL DEFAULT 0,"
	"	PRIMARY KEY (conv, id)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE range ("
	"	conv INTEGER NOT NULL REFERENCES conv, what INTEGER NOT NULL,"
	"	lo INTEGER NOT NULL, hi INTEGER NOT NULL,"
	"	PRIMARY KEY (conv, what, lo)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE outbox ("
	"	cid TEXT PRIMARY KEY, conv INTEGER NOT NULL REFERENCES conv,"
	"	lane INTEGER NOT NULL, kind TEXT NOT NULL, ref TEXT, body TEXT NOT NULL,"
	"	state TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0,"
	"	code TEXT NOT NULL DEFAULT '', error TEXT NOT NULL DEFAULT '',"
	"	created INTEGER NOT NULL, ttl INTEGER) STRICT, WITHOUT ROWID;"
	"CREATE INDEX outbox_lane ON outbox (conv, lane);"
	"CREATE TABLE draft ("
	"	conv TEXT PRIMARY KEY, text TEXT NOT NULL, cursor INTEGER NOT NULL,"
	"	reply TEXT NOT NULL, edit TEXT NOT NULL) STRICT, WITHOUT ROWID;"
	/* records of a future that the server lost */
	"CREATE TABLE orphan ("
	"	conv INTEGER NOT NULL REFERENCES conv, epoch TEXT NOT NULL, seq INTEGER NOT NULL,"
	"	id TEXT NOT NULL, kind TEXT NOT NULL, sender TEXT NOT NULL, device TEXT, cid TEXT,"
	"	ref TEXT, ts INTEGER NOT NULL, body TEXT NOT NULL,"
	"	PRIMARY KEY (conv, epoch, seq, id)) STRICT, WITHOUT ROWID;"
	/* The index has rowids that grow with time, so the newest hits come first. */
	"CREATE VIRTUAL TABLE words USING fts5 (text, content='', columnsize=0,"
	"	tokenize=\"unicode61 remove_diacritics 2\");"
	"CREATE TABLE word_row ("
	"	n INTEGER PRIMARY KEY, conv INTEGER NOT NULL, seq INTEGER NOT NULL) STRICT;",

	/* characters of scripts without spaces are words of their own: index anew */
	"INSERT INTO words (words) VALUES ('delete-all');"
	"DELETE FROM word_row;"
	"DELETE FROM range WHERE what = 2;"
	"CREATE INDEX event_time ON event (conv, ts);",
};

const struct sql_schema mirror_schema = { .version = sizeof steps / sizeof *steps,
	.step = steps };

bool
schema_check(struct sql *db, struct err *err)
{
	int version;

	if (!sql_schema_version(db, &mirror_schema, &version, err))
		return false;
	if (version == mirror_schema.version)
		return true;
	if (version == 0)
		return err_set(err, ERR_USAGE, _("nothing mirrored yet"));
	return err_set(err, ERR_USAGE, _("the mirror is of an older version: start the engine "
			"once, so that it is brought up to date"));
}

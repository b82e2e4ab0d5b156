/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of ledger.db. */
#include "ledger/schema.h"


#include "base/i18n.h"
#include "sql/schema.h"

#define APPLICATION_ID 0x7374636c	/* "stcl" */

/* Version 1. */
static const char tables[] =
	/* start: random, anew at every start; tick: counts commits */
	"CREATE TABLE meta(name TEXT PRIMARY KEY, value ANY) WITHOUT ROWID, STRICT;"
	"INSERT INTO meta VALUES('start', ''), ('tick', 0);"

	"CREATE TABLE user(n INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, shown TEXT NOT NULL,"
	" is_admin INTEGER NOT NULL, is_removed INTEGER NOT NULL DEFAULT 0) STRICT;"
	"CREATE TABLE token(hash TEXT PRIMARY KEY, user INTEGER NOT NULL REFERENCES user)"
	" WITHOUT ROWID, STRICT;"
	"CREATE INDEX token_user ON token(user);"

	/* name: '#room', or both people of a direct conversation in order; counted: msg and ai.end
	 * so far; minted: the start in which a client's evidence led to a new epoch; changed: the
	 * tick of the last commit that touched it */
	"CREATE TABLE conv(n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind INTEGER NOT NULL,"
	" name TEXT UNIQUE, topic TEXT NOT NULL DEFAULT '', is_public INTEGER NOT NULL DEFAULT 0,"
	" epoch TEXT NOT NULL, floor INTEGER NOT NULL DEFAULT 0, seq INTEGER NOT NULL DEFAULT 0,"
	" last_id BLOB, last_ts INTEGER NOT NULL DEFAULT 0, counted INTEGER NOT NULL DEFAULT 0,"
	" minted TEXT NOT NULL DEFAULT '', changed INTEGER NOT NULL DEFAULT 0) STRICT;"
	"CREATE TABLE epoch_history(conv INTEGER NOT NULL REFERENCES conv, epoch TEXT NOT NULL,"
	" seq INTEGER NOT NULL, ts INTEGER NOT NULL, PRIMARY KEY(conv, epoch))"
	" WITHOUT ROWID, STRICT;"

	/* pos: see schema.h. target: the pos that an edit, delete or react means. counted: msg and
	 * ai.end of the conversation up to here. record: the bytes of EVENT; NULL when trimmed */
	"CREATE TABLE log(pos INTEGER PRIMARY KEY, id BLOB NOT NULL, kind INTEGER NOT NULL,"
	" sender INTEGER NOT NULL, ts INTEGER NOT NULL, counted INTEGER NOT NULL, target INTEGER,"
	" record TEXT) STRICT;"
	"CREATE INDEX log_target ON log(target) WHERE target IS NOT NULL;"
	/* what every cid was answered, for ever: seq, or code and why of a refusal (seq 0); hash of
	 * what was sent under it */
	"CREATE TABLE answer(conv INTEGER NOT NULL, sender INTEGER NOT NULL, cid BLOB NOT NULL,"
	" seq INTEGER NOT NULL, hash INTEGER NOT NULL, code INTEGER, why TEXT,"
	" PRIMARY KEY(conv, sender, cid)) WITHOUT ROWID, STRICT;"
	"CREATE TABLE lane(conv INTEGER NOT NULL, user INTEGER NOT NULL, device TEXT NOT NULL,"
	" n INTEGER NOT NULL, PRIMARY KEY(conv, user, device)) WITHOUT ROWID, STRICT;"

	/* role 0 has left. own: their msg and ai.end so far. read_*: what conv.counted and own were
	 * at the mark. told: when their own log last heard of the mark */
	"CREATE TABLE member(user INTEGER NOT NULL REFERENCES user,"
	" conv INTEGER NOT NULL REFERENCES conv, role INTEGER NOT NULL,"
	" joined INTEGER NOT NULL DEFAULT 0, own INTEGER NOT NULL DEFAULT 0,"
	" read INTEGER NOT NULL DEFAULT 0, read_counted INTEGER NOT NULL DEFAULT 0,"
	" read_own INTEGER NOT NULL DEFAULT 0, told INTEGER NOT NULL DEFAULT 0,"
	" changed INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(user, conv)) WITHOUT ROWID, STRICT;"
	"CREATE INDEX member_conv ON member(conv, user);"
	"CREATE TABLE invite(conv INTEGER NOT NULL REFERENCES conv,"
	" user INTEGER NOT NULL REFERENCES user, PRIMARY KEY(conv, user)) WITHOUT ROWID, STRICT;"
	"CREATE TABLE mention(conv INTEGER NOT NULL, user INTEGER NOT NULL, seq INTEGER NOT NULL,"
	" PRIMARY KEY(conv, user, seq)) WITHOUT ROWID, STRICT;"

	/* what later records made of the one at pos; cur: as pages carry it */
	"CREATE TABLE fold(pos INTEGER PRIMARY KEY, text TEXT NOT NULL,"
	" is_deleted INTEGER NOT NULL, cur TEXT NOT NULL) STRICT;"
	"CREATE TABLE reaction(pos INTEGER NOT NULL, emoji TEXT NOT NULL, user INTEGER NOT NULL,"
	" PRIMARY KEY(pos, emoji, user)) WITHOUT ROWID, STRICT;"
	/* ended: seq of ai.end, NULL while open; text: the checkpoint */
	"CREATE TABLE stream(conv INTEGER NOT NULL REFERENCES conv, id TEXT NOT NULL,"
	" user INTEGER NOT NULL, device TEXT NOT NULL, ended INTEGER, text TEXT NOT NULL,"
	" PRIMARY KEY(conv, id)) WITHOUT ROWID, STRICT;"
	"CREATE INDEX stream_open ON stream(user) WHERE ended IS NULL;";

/* Runs of workflows that have not ended, with the device that carries them out. */
static const char runs[] =
	"CREATE TABLE run(conv INTEGER NOT NULL REFERENCES conv, id TEXT NOT NULL,"
	" user INTEGER NOT NULL, device TEXT NOT NULL, workflow TEXT NOT NULL, step TEXT NOT NULL,"
	" PRIMARY KEY(conv, id)) WITHOUT ROWID, STRICT;"
	"CREATE INDEX run_user ON run(user);";

static const char *const steps[] = { tables, runs };

static const struct sql_schema schema = { .application = APPLICATION_ID,
	.version = sizeof steps / sizeof *steps, .step = steps };

bool
schema_verify(struct sql *db, const char *path, struct err *err)
{
	int version;

	if (sql_schema_version(db, &schema, &version, err) && (version == schema.version
				|| err_set(err, ERR_FAIL, "%s", version == 0 ?
					_("this file is empty") :
					_("this file is of an older stonechatd: start it once,"
						" so that the file is brought up to date"))))
		return true;
	return err_wrap(err, "%s", path);
}

bool
schema_make(struct sql *db, const char *path, struct err *err)
{
	return sql_schema_prepare(db, &schema, err) || err_wrap(err, "%s", path);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the server remembers, in SQLite: logs, lanes, refusals, members, marks, streams, users,
 * tokens. One writer (any one thread at a time), any number of operations in ONE transaction,
 * synchronous=FULL; a second, read-only connection for the loop's own thread.
 * stonechat-protocol(7), section 4. */
#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "model/body.h"
#include "model/code.h"
#include "model/record.h"

struct ledger;
struct ledger_reader;

struct ledger_limits {
	int64_t rate, rate_window_s;	/* new messages a window and sender; rate 0: none */
	int64_t body, answer;		/* bytes of encoded body; of an AI answer */
	int64_t streams_per_user;	/* open at once (4) */
};

enum ledger_act {
	LEDGER_SEND,		/* a client's send */
	LEDGER_CREATE, LEDGER_JOIN, LEDGER_LEAVE, LEDGER_INVITE, LEDGER_KICK, LEDGER_ROLE,
			LEDGER_DIRECT,
	LEDGER_MARK,		/* read mark */
	/* a new epoch on a client's evidence: at most once per conversation and start */
	LEDGER_MINT,
	LEDGER_CHECKPOINT,	/* text of a running stream so far (body.stream names it) */
	/* the server's own ai.end status aborted (body.stream, stream_text; user and device of
	 * the producer; cid is new) */
	LEDGER_ABORT,
	/* the server's own action of state failed (body.run, when the run is open; user and device
	 * of who carried it out; cid is new) */
	LEDGER_RUN_END,
	LEDGER_USER,		/* make sure the user exists (Unix socket), join auto_join rooms */
	/* retention: drop records older than ts, of conv, or of all when it is ""; a bounded
	 * number at a time: out.retry when there are more */
	LEDGER_TRIM,
	/* a record of the server's own in a user's log (notify, read, member): made by the ledger
	 * itself from what it appends elsewhere, under a cid derived from (conv, seq, user) */
	LEDGER_NOTE
};

/* One proposal and its answer. Strings are the caller's until ledger_commit returns. */
struct ledger_op {
	enum ledger_act act;
	const char *user, *device;
	/* is_limited: the rate limit applies (not over a Unix socket) */
	bool is_admin, is_limited;
	const char *conv, *cid, *ref;
	int64_t lane, ttl;		/* ttl WIRE_ABSENT (-1): none */
	enum record_kind kind;
	struct body body;		/* checked and taken apart; body.json is what is stored */
	/* the body did not fit: refuse with this code (permanent, at its place in the order) and
	 * bad_why */
	enum code bad;
	const char *bad_why;
	/* ai.end: what the server holds; CHECKPOINT, ABORT: the text */
	const char *stream_text;
	size_t stream_text_n;
	const char *name, *topic, *other, *role;	/* rooms; other: the user acted on */
	bool is_public;
	const char *epoch;
	int64_t seq, ts;		/* mark, trim */
	int64_t now;			/* wall clock, ms */
	void *tag;			/* the caller's own */

	struct {
		bool ok, dup, retry;
		enum code code;
		char message[160];
		int64_t after, expect;	/* WIRE_ABSENT when not given */
		char conv[CONV_ID_MAX + 1], epoch[EPOCH_MAX + 1], id[37];
		int64_t prev, seq, ts;
	} out;
};

/* A conversation whose log grew, or got a new epoch, in this commit. */
struct ledger_change {
	char conv[CONV_ID_MAX + 1], epoch[EPOCH_MAX + 1];
	int64_t prev, seq;		/* records of (prev, seq] are new */
	size_t n;
	struct buf records;		/* their bytes, commas between */
	bool minted;
};
struct ledger_changes { struct ledger_change *v; size_t n, cap; };
void ledger_changes_done(struct ledger_changes *c);

/* Opens DIR/ledger.db, taking DIR/ledger.lock (flock); creates it when absent. A lock that is
 * held is ERR_FAIL and names the process. Open streams of before are left open: the daemon gives
 * their producers 30 s. */
struct ledger *ledger_open(const char *dir, const struct ledger_limits *limits,
		const char *auto_join, struct err *err);
void ledger_close(struct ledger *l);
/* A sentence for the log about what the start found out, "" when all was well: a ledger that has
 * gone back in time (lost commits, an older copy put back) has given every conversation a new
 * epoch. */
const char *ledger_notice(const struct ledger *l);
/* Decides and applies ops[n] in order, in one transaction; fills each out and, after COMMIT,
 * *changes. false with ERR_REFUSED: certainly nothing happened (the disk is full, and all was
 * rolled back): the same may succeed later. false with ERR_FAIL: it is not known what happened,
 * the process must end. */
bool ledger_commit(struct ledger *l, struct ledger_op *ops, size_t n,
		struct ledger_changes *changes, struct err *err);
/* A step of checkpointing the WAL; call when idle, on the writer's thread. */
bool ledger_checkpoint(struct ledger *l, struct err *err);

struct ledger_reader *ledger_reader_open(const char *dir, struct err *err);
void ledger_reader_close(struct ledger_reader *r);

struct ledger_conv { char conv[CONV_ID_MAX + 1], epoch[EPOCH_MAX + 1], id[37],
		name[CONV_NAME_MAX + 2]; enum conv_kind kind; int64_t seq,
		floor; bool is_public; };
/* False with ERR_NONE when unknown. */
bool ledger_conv(struct ledger_reader *r, const char *conv, struct ledger_conv *out,
		struct err *err);
bool ledger_conv_named(struct ledger_reader *r, const char *name, struct ledger_conv *out,
		struct err *err);
/* "" no member, else "owner" or "member". */
bool ledger_role(struct ledger_reader *r, const char *conv, const char *user, char role[8],
		struct err *err);
/* Heads of all conversations of user, the user's own log among them, that changed after since
 * (opaque; "" or unknown: all); since_out gets the new value. */
bool ledger_heads(struct ledger_reader *r, const char *user, const char *since,
		bool (*fn)(void *arg, const struct head *h), void *arg,
		char since_out[32], struct err *err);
/* The id of the record at seq (trimmed ones too); "" when there is none. */
bool ledger_id_at(struct ledger_reader *r, const char *conv, int64_t seq, char id[37],
		struct err *err);
/* The seq before the newest max records above seq (for skip). */
bool ledger_skip_from(struct ledger_reader *r, const char *conv, int64_t seq, int64_t max,
		int64_t *from, struct err *err);

struct ledger_page_query { const char *conv; int64_t lo, hi, n; size_t max_bytes; bool back,
		only_ops, with_cur; int64_t refs_lo, refs_hi; };
/* Appends encoded records with commas between; *lo and *hi become what the page really covers;
 * *count how many. At least one record if there is any, else at most max_bytes. */
bool ledger_page(struct ledger_reader *r, const struct ledger_page_query *q, struct buf *out,
		int64_t *lo, int64_t *hi, size_t *count, struct err *err);
/* By name, those after that user (""), until fn returns false. */
bool ledger_members(struct ledger_reader *r, const char *conv, const char *after,
		bool (*fn)(void *arg, const char *user, const char *name, const char *role),
		void *arg, struct err *err);
/* Rooms that user may see: public ones and own ones; by name, those after that name (""), until fn
 * returns false. */
bool ledger_rooms(struct ledger_reader *r, const char *user, const char *after,
		bool (*fn)(void *arg, const struct ledger_conv *c, const char *topic,
			int64_t members), void *arg, struct err *err);
/* Streams that have an ai.start and no ai.end: for start-up. */
bool ledger_open_streams(struct ledger_reader *r, bool (*fn)(void *arg, const char *conv,
		const char *stream, const char *user, const char *device,
		const char *text, size_t n), void *arg, struct err *err);
/* Runs of workflows that were told of and have not ended: for start-up. */
bool ledger_open_runs(struct ledger_reader *r, bool (*fn)(void *arg, const char *conv,
		const char *run, const char *user, const char *device), void *arg,
		struct err *err);
/* True if the log of conv has an ai.start of this stream, whether or not it has ended. */
bool ledger_stream_known(struct ledger_reader *r, const char *conv, const char *stream,
		bool *is_known, struct err *err);
/* Who this token belongs to: false with ERR_NONE when nobody's. */
bool ledger_token_user(struct ledger_reader *r, const char *token, char user[USER_MAX + 1],
		bool *is_admin, struct err *err);
bool ledger_user(struct ledger_reader *r, const char *user, bool *is_admin, struct err *err);

/* Administration; on the writer's thread, ledger_backup on any. Each prints its lines into out. An
 * unknown or taken name is ERR_USAGE. */
bool ledger_user_add(struct ledger *l, const char *user, const char *name, bool is_admin,
		struct buf *out, struct err *err);	/* the token */
bool ledger_user_token(struct ledger *l, const char *user, struct buf *out, struct err *err);
bool ledger_user_revoke(struct ledger *l, const char *user, struct err *err);
bool ledger_user_remove(struct ledger *l, const char *user, struct err *err);
bool ledger_user_list(struct ledger *l, struct buf *out, struct err *err);
bool ledger_room_list(struct ledger *l, struct buf *out, struct err *err);
bool ledger_backup(struct ledger *l, const char *file, struct err *err);
/* DIR must not be in use. Mints new epochs for every conversation. */
bool ledger_restore(const char *dir, const char *file, struct err *err);
/* Order, uniqueness, heads, lanes: one line a finding into out; false when there was one. */
bool ledger_check(const char *dir, struct buf *out, struct err *err);

#endif

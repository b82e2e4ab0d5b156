/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The commit rules of the protocol as a function of facts: stonechat-protocol(7), section 4.
 * Whoever can gather the facts, SQLite, a simulator or a folded stream, decides with it; it
 * knows neither disk nor clock nor socket, and nothing of any other conversation. */
#ifndef LEDGER_DECIDE_H
#define LEDGER_DECIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/id.h"
#include "ledger/ledger.h"

#define LEDGER_REACT_MAX 64	/* bytes of a reaction, and kinds of them a message */
#define LEDGER_RUNS_MAX 64	/* of a user, that have not ended */
#define LEDGER_TOPIC_MAX 1024	/* bytes */
#define LEDGER_ABSENT (-1)	/* ttl, after and expect when there is none */

enum ledger_known { KNOWN_NOT, KNOWN_RECORD, KNOWN_REFUSAL };
enum ledger_role { ROLE_NONE, ROLE_MEMBER, ROLE_OWNER };
enum ledger_stream { STREAM_NONE, STREAM_OPEN, STREAM_ENDED };

/* What is true of the proposal's conversation before it. Members that an act has no use for need
 * not be filled. */
struct ledger_facts {
	bool has_conv;
	bool is_public, is_minted;	/* is_minted: on evidence, since the start */
	bool is_same;			/* the same kind, ref and body were sent under this cid */
	bool is_invited;
	bool has_react;			/* the target has this kind already */
	bool is_producer;		/* user and device that began the stream, or the run */
	bool has_other;			/* the user acted on exists */
	enum conv_kind kind;
	enum ledger_known known;	/* what became of this cid of this sender */
	enum code known_code;
	enum ledger_role role, other_role;
	enum ledger_stream stream, run;
	struct {
		bool is_there, is_deleted, is_own;
		enum record_kind kind;
	} target;			/* of ref */
	const char *epoch;
	const char *known_id, *known_why;
	int64_t known_seq, known_ts;
	int64_t seq, last_ts;
	int64_t lane;			/* the last number used; 0 before the first */
	int64_t rate_after;		/* ms until the sender may send again */
	int64_t body_max;		/* bytes */
	int64_t react_kinds;		/* of the target */
	int64_t streams_open, streams_max;	/* of the sender */
	int64_t runs_open;			/* of the sender */
	int64_t owners;			/* of the conversation */
	int64_t read;			/* the sender's mark */
};

/* What is to be done. Strings are literals (to be translated), or those of facts and op. */
struct ledger_verdict {
	bool ok, dup, retry;		/* the answer */
	enum code code;
	const char *why;
	int64_t after, expect;
	bool does;			/* carry it out: append the record, make the room, … */
	bool consumes;			/* the lane number is used */
	bool remembers;			/* the refusal is the cid's answer for ever */
	bool counts;			/* against the sender's rate */
	int64_t seq, ts;		/* of the record to append, or of the one that was */
	const char *id;			/* of the one that was */
};

/* Pure: no I/O, no clock, no memory. Strings of op that are not there are "". Fills *verdict. */
void ledger_decide(const struct ledger_facts *facts, const struct ledger_op *op,
		struct ledger_verdict *verdict);

#endif

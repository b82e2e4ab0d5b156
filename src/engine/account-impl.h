/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inside of an account, shared by its files: run (steps and effects), tell (what was stored),
 * call (answers), send, ask, fetch, room. */
#ifndef ENGINE_ACCOUNT_IMPL_H
#define ENGINE_ACCOUNT_IMPL_H

#include "base/arr.h"
#include "base/buf.h"
#include "base/id.h"
#include "drivers/driver.h"
#include "engine/account.h"
#include "sync/sync.h"

#define ACCOUNT_LATENCIES 1024		/* acknowledgements remembered for percentiles */
#define ACCOUNT_PARKED_MAX 100000	/* requests that wait for the heads */
#define ACCOUNT_PARKED_BYTES (64 * 1024 * 1024)
#define ACCOUNT_GATHER_MAX (32 * 1024 * 1024)	/* bytes not yet handed to the store */

struct map;
struct reader;
struct writer;
struct loop_timer;
struct loop_wake;

/* An attempt to connect that waits for conf.before_dial; outlives the account if it must. */
struct dial { struct account *a; };

struct answer {
	struct answer *next;
	struct account_call *call;
	struct reply r;
	char conv[CONV_ID_MAX + 1], name[CONV_NAME_MAX + 2], cid[ID_SIZE], id[64], code[16];
	char *json;
};

/* The present part of a VERB_FETCH: what is asked of the core now. */
struct reach {
	int64_t lo, hi, n, since;
	int64_t step;			/* how much further back the next attempt reaches */
	bool is_waiting;		/* for the conversation to be complete at its end */
	bool is_there;			/* the core has what it was asked for */
};

struct account_call {
	struct account *a;
	struct account_call *prev, *next;	/* all of the account */
	struct account_call *same;		/* another one about the same cid */
	api_reply_fn *fn;			/* NULL: nobody listens any more */
	void *arg;
	enum verb verb;
	size_t answers;				/* on their way */
	bool is_over;				/* DONE or FAIL is on its way */
	bool is_queued, is_acked, dup;
	char conv[CONV_ID_MAX + 1], cid[ID_SIZE], id[64];
	int64_t seq, tag;
	int64_t deadline;			/* loop time; 0: none */
	char act[16];				/* ROOM, STREAM */
	char about[CONV_NAME_MAX + 2];		/* ROOM: the name or user meant */
	uint64_t token;				/* MARK, DRAFT: done when that batch is stored */
	struct reach reach;			/* FETCH, SYNC */
	size_t at;				/* SYNC: the conversation in hand */
	bool all;
	char *rows;				/* ROOM: what came of a list that has more */
	struct verify *verify;			/* VERIFY: how far it is */
	struct parked *parked;			/* its request, while it cannot be dealt with */
};

struct verify;

struct parked { struct request rq; size_t bytes; int64_t tag; };

struct account {
	struct account_env env;
	char *name, *url, *cafile, *proxy, *token, *dir;
	void (*before_dial)(void *arg, void (*go)(void *go_arg, const struct err *err),
			void *go_arg);
	void *before_dial_arg;
	void (*closed)(void *arg);
	void *closed_arg;

	struct sync *sync;
	struct sync_effects fx;
	const struct driver *driver;
	struct link *link;
	struct reader *reader;
	struct writer *writer;
	struct batch *batch;			/* being stored */
	struct loop_wake *stored;
	struct loop_timer *timer, *soon, *sweep, *again, *closing;
	struct dial *dial;
	struct id_gen ids;
	bool is_online, is_stepping, is_closing, wants_reload, wants_unpark, had_heads, has_down;
	struct err down;			/* an attempt that failed before it began */
	struct err store_err;			/* why the last commit failed */
	char notice[256];			/* what to know of the mirror; "" when fine */
	char *mirror;				/* its path, as told last */
	int64_t reload_ms;			/* the pause before the next one */
	enum link_state link_state;		/* as told last */
	int64_t next_tag;

	struct account_call *calls;
	struct map *by_cid;
	struct answer *first_answer, **last_answer;
	size_t n_parked, parked_bytes;
	size_t n_waiting;			/* fetches that wait for a state */
	bool is_fetching, fetch_again;
	size_t n_tokens;			/* calls that wait for a batch */
	size_t n_streams;			/* of ours, begun and not ended */
	int64_t latency[ACCOUNT_LATENCIES];
	size_t n_latency;
	int64_t skew_ms;			/* the server's clock less ours, at its welcome */
};

/* account-run.c */
void account_step(struct account *a, struct sync_input *in);
void account_after(struct account *a);	/* what waits for a state looks whether it is there */
bool account_load(struct account *a, struct err *err);
void account_on_stored(void *arg);
void account_on_up(void *arg, struct sync_input *in);
void account_link_event(struct account *a);

/* account-tell.c */
void account_tell(struct account *a, const struct batch *b);
void account_tell_outbox(struct account *a, const char *conv, const char *cid,
		enum outbox_state state, int64_t seq, const char *id, bool dup,
		const char *error, int64_t next_try_ms);

/* account-call.c */
struct account_call *call_new(struct account *a, enum verb verb, api_reply_fn *fn, void *arg);
void call_cid(struct account_call *c, const char *cid);		/* lists it under its cid */
struct account_call *call_of_cid(struct account *a, const char *cid);
struct account_call *call_of_tag(struct account *a, int64_t tag);
struct answer *call_answer(struct account_call *c, enum reply_type type);
void call_done(struct account_call *c);
void call_fail(struct account_call *c, enum err_kind kind, enum code code, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void call_json(struct account_call *c, char *json);	/* DONE with json, which is taken */
void call_free_all(struct account *a);
void call_sweep_start(struct account *a);

/* Which conversation a request is about. */
enum resolved { RESOLVED, RESOLVE_LATER, RESOLVE_FAILED };
/* RESOLVE_LATER: the call was parked with its request; RESOLVE_FAILED: it was answered. */
enum resolved account_resolve(struct account *a, struct account_call *c, const struct request *rq,
		struct sync_conv *conv);
void account_unpark(struct account *a);
void account_dispatch(struct account *a, struct account_call *c, const struct request *rq);

/* account-send.c */
void account_send(struct account *a, struct account_call *c, const struct request *rq);
void account_outbox(struct account *a, struct account_call *c, const struct request *rq);
void account_acked(struct account *a, const struct sync_effect *e);
void account_queued(struct account *a, struct account_call *c);
void account_link_changed(struct account *a);
/* The core is about to be loaded anew: what it never stored is refused to whoever asked. */
void account_fail_unstored(struct account *a);

/* account-ask.c */
void account_mark(struct account *a, struct account_call *c, const struct request *rq);
void account_draft(struct account *a, struct account_call *c, const struct request *rq);
void account_typing(struct account *a, struct account_call *c, const struct request *rq);
void account_status(struct account *a, struct account_call *c);
void account_stream(struct account *a, struct account_call *c, const struct request *rq);
/* A step whose call is done when what it gathered is stored; at once when that is nothing. */
void call_step(struct account *a, struct account_call *c, struct sync_input *in);
/* MARK, DRAFT and what else waits for a batch. */
void account_stored_calls(struct account *a);

/* Answers with a failure when the server cannot be asked now; true when it can, or will be soon
 * and the call was parked (*later). */
bool account_can_ask(struct account *a, struct account_call *c, const struct request *rq,
		bool *later);
void call_deadline(struct account_call *c, const struct request *rq, int64_t otherwise_ms);

/* account-room.c */
void account_room(struct account *a, struct account_call *c, const struct request *rq);
void account_direct(struct account *a, struct account_call *c, const char *user);
void account_on_aside(void *arg, const struct aside *aside);
void account_room_link_lost(struct account *a);

/* account-fetch.c */
void account_fetch(struct account *a, struct account_call *c, const struct request *rq);
void account_sync(struct account *a, struct account_call *c, const struct request *rq);
void account_fetched(struct account *a, const struct sync_effect *e);
void account_fetch_after(struct account *a);
/* Until all is caught up, or there is no hope of it. */
void account_fetch_wait(struct account_call *c);
/* The connection is gone over which it was asked; it goes on over the next one. False for what
 * does not. */
bool account_fetch_lost(struct account_call *c);

/* account-verify.c */
void account_verify(struct account *a, struct account_call *c, const struct request *rq);
void account_verify_start(struct account *a, struct account_call *c);	/* or goes on */
void account_verify_page(struct account *a, const struct aside *page);
/* True when the refusal of what it asked is dealt with. */
bool account_verify_refused(struct account *a, struct account_call *c, enum code code);
void account_verify_free(struct verify *v);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inside of the sync core, shared by its files: conn (the connection), conv (conversations
 * and what arrives in them), outbox (rows waiting), pump (sending them), fetch (history). */
#ifndef SYNC_CORE_H
#define SYNC_CORE_H

#include "base/arr.h"
#include "sync/planted.h"
#include "sync/ranges.h"
#include "sync/sync.h"

#define NONE UINT32_MAX
#define SEQ_MAX ((int64_t)1 << 62)	/* larger numbers from a server are refused */
#define POSITION_MAX 64			/* bytes of a record's id */
#define SINCE_MAX 128

#define WINDOW (1024 * 1024)		/* bytes in flight towards us */
#define CREDIT_STEP (32 * 1024)
#define FLYING_BYTES (512 * 1024)	/* bodies sent and not answered */
#define FETCHES_FLYING 4
#define MARK_AHEAD 256			/* rows that one batch declares as being sent */
#define SUBS_FLYING 2

#define BACKOFF_MIN 500			/* ms */
#define BACKOFF_MAX 60000
#define BACKOFF_LOCAL 2000		/* the same for a server on this machine */
#define STEADY_MS 30000			/* online that long: the next failure starts small */
#define ANSWER_MS 20000			/* for the greeting */
#define SILENCE_MS 60000
#define WAKE_MS 5000			/* for the first sign of life after a sleep */
#define LANE_GAP ((int64_t)1 << 32)
#define REOFFER_MS (7 * 86400000LL)	/* own records of a lost future younger than this */

enum row_state {
	ROW_QUEUED,	/* never sent */
	ROW_READY,	/* declared as sent; to be sent, or sent again */
	ROW_FLYING,	/* sent, no answer yet */
	ROW_ACKED,	/* its record will come through the log */
	ROW_REFUSED, ROW_EXPIRED
};

struct row {
	char cid[ID_SIZE];
	enum row_state state;
	bool is_drop;			/* to be withdrawn: sent with ttl 0 */
	bool is_unknown;		/* sent over a connection that died */
	uint32_t conv, prev, next;	/* in the conversation's list, by lane */
	uint32_t chain;			/* same hash */
	int64_t lane, ttl_ms, created_ms, tries, sent_at;
	int64_t ack_prev, ack_seq;
	size_t body_n;
	uint64_t token;			/* the batch that makes its state durable */
};

enum conv_state { CONV_COLD, CONV_SUBBING, CONV_TAILING, CONV_LIVE, CONV_REBASING, CONV_CLOSED };

struct conv {
	char id[CONV_ID_MAX + 1], name[CONV_NAME_MAX + 2], epoch[EPOCH_MAX + 1];
	char cursor_id[POSITION_MAX + 1];
	enum conv_kind kind;
	enum conv_state state;
	bool is_queued;			/* waits for its subscription */
	bool is_active;			/* has rows to send */
	bool has_mark;			/* a read mark to tell the server */
	uint32_t chain, name_chain;
	int64_t head, floor, read;
	int64_t cursor;			/* the newest record held: proves all below it */
	int64_t live_lo, target;	/* (live_lo, target] makes it live */
	int64_t suspect, suspect_at;	/* a head that the server has and we lack */
	struct ranges held, ops;
	/* outbox */
	uint32_t first, last, send;	/* send: the next row to go out */
	int64_t lane_next, expect;
	int64_t gap_from;		/* lanes given since the log forked begin here */
	size_t flying;
	int64_t wait_until;
	uint64_t token;			/* nothing is sent before this batch is stored */
	int orders;			/* answers `order` since the last ack */
};

struct goal {
	int64_t tag;			/* 0: the core's own */
	uint32_t conv;
	bool is_ops;
	int64_t lo, hi;
	int64_t re;			/* the request that is out; 0: none */
	struct span asked;
	int64_t not_before;
	uint64_t token;			/* the batch that fills it; 0: it has a hole */
};

enum conn_state { CONN_OFFLINE, CONN_DIAL, CONN_HELLO, CONN_SYNC, CONN_LIVE, CONN_BACKOFF,
		CONN_STOPPED };

struct sync {
#ifdef SYNC_PLANTED
	enum planted planted;
#endif
	uint64_t rng;
	int64_t now, wall;
	struct sync_effects *fx;
	int64_t wake_at;		/* the next deadline, -1 none; as the caller knows it */
	int64_t want_at;

	char user[USER_MAX + 1], device[DEVICE_MAX + 1], since[SINCE_MAX + 1];
	char next_since[SINCE_MAX + 1];
	struct sync_limits limits;
	unsigned caps;

	/* conn */
	enum conn_state state;
	bool is_wanted;			/* the account is to be online */
	bool has_heads;			/* of this connection, all of them */
	bool wants_refresh;		/* there are conversations that no head told of */
	int attempts;
	bool is_local;
	int64_t until;			/* deadline of DIAL…HELLO, end of BACKOFF */
	int64_t live_at, rx_at, progress_at, ping_x, ping_at, bye_after, refresh_at;
	char why[256];
	enum code code;
	uint64_t dial_token;		/* no dialling before this batch is stored */

	/* conversations; they are never removed */
	arr(struct conv) convs;
	uint32_t *by_id, *by_name;
	size_t mask;
	size_t unready;			/* neither live nor closed */
	size_t suspects;		/* with a head that has not come */
	uint32_t look;			/* asked for last: goes first */
	arr(uint32_t) subq;
	size_t subq_at;
	int subs_flying;
	struct sync_subs subs;
	arr(uint32_t) marks;

	/* outbox */
	arr(struct row) rows;
	uint32_t *by_cid;
	size_t row_mask;
	uint32_t free_row;
	size_t n_rows, n_waiting, n_queued, n_acked;
	arr(uint32_t) active;
	size_t turn;			/* round robin */
	size_t flying, flying_bytes;
	int64_t send_at;

	/* fetch */
	arr(struct goal) goals;
	size_t fetching;

	/* batches */
	struct batch batch[2];
	struct batch *gather, *flight;
	uint64_t token, flight_token, stored;
	int64_t rx, flight_rx, credit_ok, credited;

	int64_t next_tag;
};

/* sync.c */
struct sync_effect *sync_fx(struct sync *s, enum sync_fx type);
void sync_want(struct sync *s, int64_t at);	/* be woken at */
uint64_t sync_random(struct sync *s);
struct change *sync_change(struct sync *s, enum change_type type, const char *conv);
uint64_t sync_hash(const char *key);
bool sync_is_up(const struct sync *s);		/* greeted: frames may flow */

/* conn.c */
void conn_online(struct sync *s, const struct sync_input *in);
void conn_wake(struct sync *s, const struct sync_input *in);
void conn_token(struct sync *s, const struct sync_input *in);
void conn_up(struct sync *s, const struct sync_input *in);
void conn_welcome(struct sync *s, const struct sync_input *in);
void conn_heads(struct sync *s, const struct sync_input *in);
void conn_pong(struct sync *s, const struct sync_input *in);
void conn_error(struct sync *s, const struct sync_input *in);
void conn_bye(struct sync *s, const struct sync_input *in);
void conn_down(struct sync *s, const struct sync_input *in);
void conn_alive(struct sync *s);
void conn_tick(struct sync *s);
/* Ends the connection, of which there is one, from our side and tries again; after: at least so
 * many ms from now. */
void conn_break(struct sync *s, int code, const char *why, int64_t after);
/* The heads that the welcome told are not true any more: asked for again, in time. */
void conn_look_again(struct sync *s);
/* A new name for this installation; every row is numbered anew. No dialling until it is stored. */
void conn_new_device(struct sync *s);

/* conv.c */
struct conv *conv_find(struct sync *s, const char *id);
const struct conv *conv_named(const struct sync *s, const char *name);
struct conv *conv_new(struct sync *s, const char *id, const char *name, enum conv_kind kind);
void conv_rename(struct sync *s, struct conv *c, const char *name);
uint32_t conv_index(const struct sync *s, const struct conv *c);
void conv_set(struct sync *s, struct conv *c, enum conv_state state);
void conv_head(struct sync *s, const struct head *h);
/* We are no member of it any more. */
void conv_close(struct sync *s, struct conv *c);
void conv_joined(struct sync *s, const struct sync_input *in);
void conv_mark(struct sync *s, const struct sync_input *in);
void conv_draft(struct sync *s, const struct sync_input *in);
void conv_pong_head(struct sync *s, const struct sync_pong_head *h);
bool conv_is_ready(const struct conv *c);
/* It was read up to seq; true when that is news. */
bool conv_read(struct sync *s, struct conv *c, int64_t seq, bool is_own);
void conv_push_mark(struct sync *s, struct conv *c);

/* tail.c: subscriptions and what comes through them */
void tail_start(struct sync *s);		/* after the heads: subscribe to everything */
void tail_end(struct sync *s);			/* the connection is gone */
void tail_queue(struct sync *s, struct conv *c);
void tail_subbed(struct sync *s, const struct sync_input *in);
void tail_events(struct sync *s, const struct sync_input *in);
void tail_diverged(struct sync *s, const struct sync_input *in);
/* The mirror holds another log's record at seq. */
void tail_forked(struct sync *s, struct conv *c, int64_t seq);
void tail_tick(struct sync *s);
/* Coverage grew: is it live now? */
void tail_check(struct sync *s, struct conv *c);
/* Puts checked records into the batch and settles own rows; false when they are not in order or
 * not within (lo,hi]. */
bool tail_take(struct sync *s, struct conv *c, const struct change *how);
/* Above which everything is to be held. */
int64_t tail_low(const struct conv *c);
/* This record is held: the next subscription begins at the newest one, whose id proves that all
 * that is held is of the server's log. */
void tail_advance(struct conv *c, const struct record *last);
/* What a page or a subscription said of trimmed history. */
void tail_floor(struct sync *s, struct conv *c, int64_t floor);

/* own.c */
void own_record(struct sync *s, const struct record *r, bool is_live);

/* outbox.c */
struct row *row_find(const struct sync *s, const char *cid);
struct row *row_new(struct sync *s, const char *cid, struct conv *c);
void row_free(struct sync *s, struct row *r);
uint32_t row_index(const struct sync *s, const struct row *r);
void row_append(struct sync *s, struct conv *c, struct row *r);
void row_insert(struct sync *s, struct conv *c, struct row *r, uint32_t before);
void row_unlink(struct sync *s, struct row *r);
void outbox_send(struct sync *s, const struct sync_input *in);
void outbox_drop(struct sync *s, const struct sync_input *in);
void outbox_retry(struct sync *s, const struct sync_input *in);
/* The record of this cid is being stored: its row leaves in the same batch. */
void outbox_settle(struct sync *s, const char *cid, int64_t seq, const char *id);
/* Lanes of c from row r on begin at lane. */
void outbox_relane(struct sync *s, struct conv *c, struct row *r, int64_t lane);
/* Lanes from lane on are free again: the last row went. */
void outbox_trim_lane(struct sync *s, struct conv *c, int64_t lane);
/* Every lane of the account begins at 1. */
void outbox_reset_lanes(struct sync *s);
/* The state of a row is stored anew. */
void outbox_put_state(struct sync *s, const struct row *r, enum outbox_state state, enum code code,
		const char *error);
/* The same for the number of its attempts alone, which may be lost with the power. */
void outbox_put_tries(struct sync *s, const struct row *r);
/* Rows that were acknowledged and whose record has not come: look for it. */
void outbox_look_for_acked(struct sync *s, struct conv *c);
void outbox_check_acked(struct sync *s, struct conv *c, struct row *r);
void outbox_remove(struct sync *s, struct row *r, enum outbox_state why);

/* pump.c */
void pump_ack(struct sync *s, const struct sync_input *in);
void pump_nack(struct sync *s, const struct sync_input *in);
void pump_unknown(struct sync *s, const struct sync_input *in);
void pump_ask_again(struct sync *s, struct conv *c, struct row *r);
void pump_end(struct sync *s);			/* the connection is gone: nothing flies */
void pump_activate(struct sync *s, struct conv *c);
void pump_tick(struct sync *s);

/* fetch.c */
void fetch_want(struct sync *s, const struct sync_input *in);
void fetch_cancel(struct sync *s, const struct sync_input *in);
void fetch_own(struct sync *s, struct conv *c, int64_t lo, int64_t hi);
void fetch_ops(struct sync *s, struct conv *c);	/* what holes hide about what is held */
void fetch_page(struct sync *s, const struct sync_input *in);
/* An error answered request re; false when it was none of ours. */
bool fetch_error(struct sync *s, int64_t re, enum code code, const char *message);
void fetch_end(struct sync *s);			/* the connection is gone */
void fetch_fail_all(struct sync *s, enum code code, const char *why);
void fetch_tick(struct sync *s);

/* load.c */
void load_loaded(struct sync *s, const struct sync_input *in);

#endif

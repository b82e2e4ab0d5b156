/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The simulator: clients and a server over the real sync core and the real commit rules, with
 * time, network, disks and faults that a seed decides. */
#ifndef TESTS_SIM_SIM_H
#define TESTS_SIM_SIM_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arr.h"
#include "base/id.h"
#include "model/record.h"
#include "sync/planted.h"
#include "sync/ranges.h"
#include "sync/sync.h"

#define CLIENTS_MAX 8
#define USERS_MAX 4
#define ROOMS_MAX 3
#define CONVS_MAX (ROOMS_MAX + USERS_MAX)	/* the users' own logs behind the rooms */
#define EMOJIS 2
#define BODY_MAX 96
#define LANES_MAX 256
#define SEEN_MAX 64		/* records remembered, held or not */
#define TOLD_MAX 8
#define PENDING_MAX 256		/* proposals of one commit */

/* One a concern: a draw in one does not shift the others. */
struct dice { uint64_t state; };
uint64_t dice_roll(struct dice *d, uint64_t n);		/* 0 … n-1 */
bool dice_chance(struct dice *d, int64_t permille);

/* What the seed makes of this world: chances in permille, times in ms. */
struct swarm {
	int64_t clients, users, convs, sends, marks, poison, ttl, busy, changes;
	int64_t loss, dup, cut, half_open, delay, short_page, wake, clock, trim;
	int64_t crash_client, crash_server, power_cut, commit_fails, server_fails, disk;
	int64_t restore, with_command, skip_above, safety;
};
/* One of them by name, and what it is when it is turned off. */
struct knob { const char *name; size_t at; int64_t off; };
extern const struct knob sim_knobs[];
extern const size_t sim_knobs_n;

/* A planted bug: what stonechat must not do, done on purpose by the model of the server or the
 * disk. Those of the sync core are planted in its own code, see sync/planted.h. */
enum mutant {
	MUTANT_NONE, MUTANT_ACK_EARLY, MUTANT_PUSH_EARLY, MUTANT_DEDUP_WINDOW, MUTANT_LANE_IGNORED,
	MUTANT_NO_ID_CHECK, MUTANT_PAGE_SHORT, MUTANT_MARK_GOES_BACK, MUTANT_TORN_BATCH,
	MUTANT_TRIM_IS_COVERED
};
struct planting { const char *name, *where; enum mutant mutant; enum planted planted; };
extern const struct planting sim_mutants[];
extern const size_t sim_mutants_n;

/* What a message is, with all that was done to it until as_of; as_of 0: nothing was. */
struct folded {
	int64_t as_of;
	bool is_deleted;
	int64_t reacts[EMOJIS];
	char text[16];
};

/* An event of a log. cur: as it came with the page. */
struct ev {
	int64_t seq, ts, lane;
	int user;
	enum record_kind kind;
	char id[ID_SIZE], cid[ID_SIZE], ref[ID_SIZE], device[16], body[BODY_MAX];
	struct folded cur;
};
struct evs { struct ev *v; size_t n, cap; };

/* ---- a client's mirror ---- */

struct mirror_row {
	char cid[ID_SIZE], ref[ID_SIZE], body[BODY_MAX];
	enum record_kind kind;
	int conv;
	enum outbox_state state;
	int64_t lane, ttl, created, tries;
};
struct mirror_conv {
	bool is_known, closed;
	char epoch[EPOCH_MAX + 1];
	int64_t head, floor, read, lane_next;
	struct evs evs;
	struct ranges held, ops;
};
struct mirror {
	char user[USER_MAX + 1], device[DEVICE_MAX + 1], since[128];
	struct mirror_conv convs[CONVS_MAX];
	arr(struct mirror_row) rows;
};

/* ---- frames ---- */

enum msg_type { MSG_HELLO, MSG_WELCOME, MSG_SUB, MSG_SUBBED, MSG_EVENTS, MSG_FETCH, MSG_PAGE,
	MSG_SEND, MSG_ACK, MSG_NACK, MSG_ERROR, MSG_PING, MSG_PONG, MSG_CREDIT, MSG_MARK };
struct msg_sub { int conv; char epoch[EPOCH_MAX + 1], id[ID_SIZE]; int64_t seq, max, read;
	size_t n_marks; struct position_copy { int64_t seq; char id[ID_SIZE]; } marks[8];
	int mode; int64_t from, keep, floor; };
struct msg {
	enum msg_type type;
	int64_t re, lo, hi, n, floor, lane, ttl, after, expect, refs_lo, refs_hi;
	int conv, era;
	enum record_kind kind;
	bool back, ops_only, dup, retry;
	enum code code;
	char epoch[EPOCH_MAX + 1], cid[ID_SIZE], id[ID_SIZE], device[DEVICE_MAX + 1];
	char ref[ID_SIZE], body[BODY_MAX];
	struct msg_sub subs[CONVS_MAX];
	size_t n_subs, bytes;
	struct evs evs;
};

/* ---- the server ---- */

struct lane { int user, conv; char device[DEVICE_MAX + 1]; int64_t last; };
struct refusal { int user, conv; char cid[ID_SIZE]; enum code code; };
/* Logs only grow, so the state before is told by their lengths. */
struct ledger_state {
	struct { int64_t seq, floor, last_ts, read[USERS_MAX]; char epoch[EPOCH_MAX + 1];
		bool is_minted; } convs[CONVS_MAX];
	struct lane lanes[LANES_MAX];
	size_t n_lanes, n_refused;
};
struct conn {
	int client, user;
	int64_t no;
	bool is_open, is_replaced;	/* is_replaced: what still comes is of no account */
	char device[DEVICE_MAX + 1];
	struct { bool on; char epoch[EPOCH_MAX + 1]; int64_t cursor; } subs[CONVS_MAX];
};
struct pending { int64_t conn; int user; struct msg m; };
struct server {
	bool is_up, is_committing;
	bool has_mark, has_lost_mark;	/* in the commit under way; in one that failed */
	int start, era;			/* era: counts how often it went back in time */
	struct ledger_state work, durable, backup;
	bool has_backup;
	struct evs logs[CONVS_MAX];
	arr(struct refusal) refused;
	arr(struct conn) conns;
	arr(struct pending) queue, flight;
	struct { struct pending p; struct msg answer; } answers[PENDING_MAX];
	size_t n_answers;
	uint64_t ids, epochs;
};

/* ---- a client ---- */

struct client {
	int no, user;
	bool is_up;
	int life;			/* counts its starts */
	struct sync *sync;
	struct sync_effects fx;
	struct mirror mirror;
	struct mirror synced;		/* what a power cut leaves at least */
	/* the last records that came in this life, a ring */
	struct { size_t n; struct { int64_t seq; char id[ID_SIZE]; } v[SEEN_MAX]; } seen[CONVS_MAX];
	/* where the server said that the log ends, of the epochs that it named last */
	struct told { int64_t seq; char epoch[EPOCH_MAX + 1]; } told[CONVS_MAX][TOLD_MAX];
	size_t n_told[CONVS_MAX];
	struct batch *commit;
	int64_t timer_at, conn;		/* conn 0: none */
	int64_t rx;
	struct { uint64_t token; int64_t rx; } got[64];
	size_t n_got;
	int64_t credit_due;
	int sent;
	int64_t skew;			/* of its wall clock */
	int64_t wishes;			/* for history, ever */
	struct wish { int64_t tag; int conv; int64_t lo, hi; } wish[4];
	size_t n_wishes;
	int restarts_failed;
};

/* What a client was promised: its message was queued. may_go: it may be refused or withdrawn. */
struct promise { char cid[ID_SIZE]; int conv, user, client, n; bool is_queued, is_refused,
	is_poison, may_go; };

enum what { WHAT_TO_SERVER, WHAT_TO_CLIENT, WHAT_UP, WHAT_DOWN, WHAT_TIMER, WHAT_STORED,
	WHAT_START_CLIENT, WHAT_START_SERVER, WHAT_COMMITTED, WHAT_USER,
	WHAT_CHAOS };	/* see happen() */
struct happening { int64_t at; uint64_t order; enum what what; int who, life; int64_t conn;
	struct msg *m; };

struct world {
	uint64_t seed, trace, order;
	int64_t now, conns;
	const struct planting *mutant;	/* NULL: none */
	bool is_traced, is_calm, has_failed, is_open;
	char why[240];
	struct dice net, disk, work, fault;
	struct swarm swarm;
	struct server server;
	struct client clients[CLIENTS_MAX];
	arr(struct happening) agenda;	/* a heap */
	arr(struct promise) promises;
	struct { int64_t steps, crashes, restores, cuts; } stats;
};
bool world_has(const struct world *w, enum mutant m);

#define WALL 1700000000000LL
#define TEN_YEARS UINT64_C(315576000000)	/* ms */

extern const char *const sim_convs[CONVS_MAX], *const sim_users[USERS_MAX];
int sim_conv(const char *id);		/* -1 when unknown */
int sim_user(const char *name);

/* swarm.c */
/* From the world's seed; is_open: with what is known to fail as well. */
void swarm_fill(struct world *w);
int64_t *swarm_knob(struct swarm *s, const struct knob *k);
/* Turns off and down what it can while the world still fails. */
void swarm_shrink(struct swarm *s, uint64_t seed, const struct planting *mutant);

/* world.c: seed, mutant and is_traced are set; of the swarm nothing, or all. */
/* That user sees the conversation. */
bool world_sees(const struct world *w, int user, int conv);

/* world.c */
bool world_run(struct world *w);	/* false: has_failed, why */
void world_done(struct world *w);
void world_fail(struct world *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void world_note(struct world *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
struct happening *world_plan(struct world *w, int64_t in, enum what what);
/* Both copy m. */
void world_to_server(struct world *w, const struct client *c, const struct msg *m);
void world_to_client(struct world *w, const struct conn *conn, const struct msg *m);
struct promise *world_promise(struct world *w, const char *cid);

/* client.c */
void client_start(struct world *w, struct client *c);
void client_crash(struct world *w, struct client *c);
void client_done(struct client *c);
void client_step(struct world *w, struct client *c, struct sync_input *in);
void client_take(struct world *w, struct client *c, const struct msg *m);
/* The server may send so much more. */
void client_credit(struct world *w, struct client *c, int64_t bytes);
void client_stored(struct world *w, struct client *c);

/* workload.c: a person does something */
void workload(struct world *w, struct client *c);
/* FX_FETCHED */
void workload_fetched(struct world *w, struct client *c, int64_t tag, enum code code);

/* fold.c */
/* The server's: of the record at seq, by what its log says of it up to head. */
struct folded fold_log(const struct evs *log, int64_t seq, int64_t head);
/* The client's: of what it holds. */
struct folded fold_held(const struct mirror_conv *mc, const struct ev *ev);
/* That user has this reaction at the server. */
bool fold_reacted(const struct evs *log, const char *id, int user, const char *emoji);
bool fold_same(const struct folded *a, const struct folded *b);
/* The member "cur" of a page's event. */
void fold_write(const struct folded *f, char out[128]);
void fold_read(struct folded *f, const char *cur, size_t n);
/* A deletion empties the bodies of the message and of its edits. */
void fold_blank(struct evs *evs, const char *id);

/* mirror.c */
/* False: the records differ, nothing was applied. */
bool mirror_apply(struct world *w, struct client *c, const struct batch *b, int *conv,
		int64_t *seq);
/* The power goes: what was not synced is gone. */
void mirror_power_cut(struct client *c);
void mirror_load(struct mirror *m, struct sync *s);
void mirror_saved(struct mirror *m, int conv, void (*fn)(void *arg, const struct saved_conv *c),
		void *arg);
struct mirror_row *mirror_row(struct mirror *m, const char *cid);
const struct ev *mirror_at(const struct mirror_conv *mc, int64_t seq);
void mirror_done(struct mirror *m);

/* deliver.c: what subscriptions and fetches bring */
void deliver_push(struct world *w, struct conn *c);
void deliver_page(struct world *w, struct conn *c, const struct msg *q);

/* server.c */
void server_init(struct world *w);
void server_start(struct world *w);
void server_crash(struct world *w);
void server_restore(struct world *w, bool with_command);
void server_take(struct world *w, struct conn *conn, const struct msg *m);
void server_committed(struct world *w);
/* Retention: the floor rises. What is behind it is only known by its cid. */
void server_trim(struct world *w, int conv);
struct conn *server_conn(struct world *w, int64_t no);
void server_done(struct world *w);
const struct ev *server_find(const struct world *w, int conv, int user, const char *cid);

/* check.c */
void check_mirror(struct world *w, struct client *c);
/* The end of the log of this epoch, as the server told it last; NULL when it never did. */
struct told *client_told(struct client *c, int conv, const char *epoch);
/* I9, I10: a position is of a record that is held, or that came and is being stored. */
/* A record came, to be held or not. */
void check_saw(struct client *c, int conv, const struct ev *ev);
void check_position(struct world *w, const struct client *c, const struct msg_sub *s);
void check_told(struct world *w, const struct msg *m);
bool check_converged(struct world *w, bool tell);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An account in a folder of its own, on a real loop; requests that wait for their answers. */
#ifndef TESTS_ENGINE_RIG_H
#define TESTS_ENGINE_RIG_H

#include "test.h"

#include "base/err.h"
#include "control/api.h"
#include "drivers/driver.h"
#include "engine/account.h"

#define WAIT_MS 20000

struct loop;
struct loop_child;
struct reader;
struct ws_net;

struct rig {
	struct loop *loop;
	struct ws_net *ws;		/* NULL: the driver needs none */
	struct account *a;
	const struct driver *const *drivers;
	char dir[64], url[128];
	const char *name;		/* of the account and its folder; NULL: "account" */
	struct loop_child *server;
	enum link_state link;
	size_t acked_events;
	int64_t changed;		/* EV_CONV seen */
	char delta[256];		/* text of streams seen */
	bool has_new_mirror;		/* EV_MIRROR seen */
};

/* What one request was answered. */
struct got {
	bool is_queued, is_over;
	enum reply_type type;
	enum err_kind kind;
	char msg[256], conv[80], name[80], cid[40], code[20];
	char *json;
	int64_t seq;
	bool dup;
};

void rig_init(struct rig *rig, const struct driver *const *table, const char *url);
void rig_done(struct rig *rig);
void rig_open(struct rig *rig);
void rig_close(struct rig *rig);
/* Turns the loop until *flag, or fails. */
void rig_wait(struct rig *rig, const bool *flag);
void rig_wait_link(struct rig *rig, enum link_state state);
void rig_online(struct rig *rig);
void rig_on_reply(void *arg, const struct reply *r);
struct request rig_text(const char *target, const char *text);
struct got rig_ask(struct rig *rig, const struct request *rq);
struct got rig_send(struct rig *rig, const char *target, const char *text);

struct seen { size_t n; int64_t seq, unread; char last[256], first[256]; bool edited, deleted; };
/* The messages of the mirror, read as a front reads them. */
struct seen rig_mirror(struct rig *rig, const char *target);
/* Opened anew; the caller closes. */
struct reader *rig_reader(struct rig *rig);
/* Spoils the table of records of a closed account. */
void rig_damage(struct rig *rig);
/* "@" and our user name; the caller frees. */
char *rig_user(struct rig *rig);
/* The id of the newest message. */
void rig_last_id(struct rig *rig, const char *target, char id[64]);
/* Removes the mirror of an account that is closed. */
void rig_forget(struct rig *rig);
void rig_wait_rows(struct rig *rig, const char *target, size_t n);

/* False, and it is said, where no child can be started: valgrind has no pidfd_open. */
bool rig_has_children(void);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Administration: "stonechatd user add NAME" and the like, one row a command. The same rows run in
 * the command's own process, which then holds the ledger, or inside the running server. */
#include "daemon/admin.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/args.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/path.h"
#include "daemon/ask.h"
#include "daemon/daemon.h"
#include "daemon/options.h"
#include "daemon/user.h"
#include "ledger/ledger.h"

/* How long to wait for a server that holds the ledger and does not listen yet. */
#define STARTING_MS 5000

/* ---- the commands ---- */

static bool
user_add(const struct admin_where *w, const struct args *a, struct buf *out, struct err *err)
{
	const char *user = a->rest.v[2];

	if (!id_name_valid(user))
		return err_set(err, ERR_USAGE, _("%s: a user's name has 1 to 32 of a-z 0-9 . _ -"),
				user);
	return ledger_user_add(w->ledger, user, args_str(a, "name"), args_has(a, "admin"), out,
			err);
}

static bool
user_token(const struct admin_where *w, const struct args *a, struct buf *out, struct err *err)
{
	return ledger_user_token(w->ledger, a->rest.v[2], out, err);
}

static bool
user_revoke(const struct admin_where *w, const struct args *a, struct buf *out, struct err *err)
{
	(void)out;
	return ledger_user_revoke(w->ledger, a->rest.v[2], err);
}

static void
after_revoke(struct daemon *d, const struct args *a)
{
	users_revoke(d->users, a->rest.v[2], false);
}

static bool
user_remove(const struct admin_where *w, const struct args *a, struct buf *out, struct err *err)
{
	(void)out;
	return ledger_user_remove(w->ledger, a->rest.v[2], err);
}

static void
after_remove(struct daemon *d, const struct args *a)
{
	users_revoke(d->users, a->rest.v[2], true);
}

static bool
user_list(const struct admin_where *w, const struct args *a, struct buf *out, struct err *err)
{
	(void)a;
	return ledger_user_list(w->ledger, out, err);
}

static bool
room_create(const struct admin_where *w, const struct args *a, struct buf *out, struct err *err)
{
	struct ledger_changes changes = { 0 };
	struct ledger_op op = { .act = LEDGER_CREATE, .user = "", .device = "", .is_admin = true,
		.name = a->rest.v[2], .topic = args_str(a, "topic"),
		.is_public = args_has(a, "public"), .lane = -1, .ttl = -1,
		.now = clock_wall_ms() };
	bool ok;

	if (!op.topic)
		op.topic = "";
	ok = ledger_commit(w->ledger, &op, 1, &changes, err);
	ledger_changes_done(&changes);
	if (!ok)
		return false;
	if (!op.out.ok)
		return err_set(err, op.out.code == CODE_INVALID ? ERR_USAGE : ERR_FAIL, "%s: %s",
				op.name, op.out.message);
	return buf_addf(out, "%s\n", op.out.conv);
}

static bool
room_list(const struct admin_where *w, const struct args *a, struct buf *out, struct err *err)
{
	(void)a;
	return ledger_room_list(w->ledger, out, err);
}

static bool
backup(const struct admin_where *w, const struct args *a, struct buf *out, struct err *err)
{
	(void)out;
	return ledger_backup(w->ledger, a->rest.v[1], err);
}

static bool
restore(const struct admin_where *w, const struct args *a, struct buf *out, struct err *err)
{
	(void)out;
	return ledger_restore(w->dir, a->rest.v[1], err);
}

static bool
check(const struct admin_where *w, const struct args *a, struct buf *out, struct err *err)
{
	(void)a;
	return ledger_check(w->dir, out, err);
}

static const struct admin_cmd cmds[] = {
	{ "user", "add", "NAME", " admin name ", N_("adds a user and prints a token, once"), 1, 0,
	  user_add, NULL },
	{ "user", "list", "", " ", N_("lists the users"), 0, 0, user_list, NULL },
	{ "user", "remove", "NAME", " ", N_("removes a user; the messages stay"), 1, 0,
	  user_remove, after_remove },
	{ "user", "token", "NAME", " ", N_("prints one more token, once"), 1, 0, user_token, NULL },
	{ "user", "revoke", "NAME", " ", N_("takes all tokens of a user back"), 1, 0, user_revoke,
	  after_revoke },
	{ "room", "create", "'#NAME'", " topic public ", N_("makes a room without members"), 1, 0,
	  room_create, NULL },
	{ "room", "list", "", " ", N_("lists the rooms"), 0, 0, room_list, NULL },
	{ "backup", NULL, "FILE", " ", N_("copies everything to FILE, while the server runs"), 1,
	  ADMIN_READS | ADMIN_FILE, backup, NULL },
	{ "restore", NULL, "FILE", " ",
	  N_("puts a backup in place, with new epochs; the server must be stopped"), 1,
	  ADMIN_OFFLINE | ADMIN_FILE, restore, NULL },
	{ "check", NULL, "", " ", N_("verifies the log: order, uniqueness, heads"), 0, ADMIN_READS,
	  check, NULL },
	{ NULL }
};

const struct admin_cmd *
admin_cmds(void)
{
	return cmds;
}

/* ---- words and options ---- */

bool
admin_options_fit(const struct admin_cmd *cmd, const struct args *a, struct err *err)
{
	static const char *const own[] = { "admin", "name", "topic", "public" };
	char word[16];

	for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
		snprintf(word, sizeof word, " %s ", own[i]);
		if (!args_has(a, own[i]) || (cmd && strstr(cmd->options, word)))
			continue;
		if (!cmd)
			return err_set(err, ERR_USAGE, _("--%s needs a command"), own[i]);
		return err_set(err, ERR_USAGE, _("--%s does not go with %s %s"), own[i], cmd->noun,
				cmd->verb ? cmd->verb : "");
	}
	return true;
}

const struct admin_cmd *
admin_find(const struct args *a, struct err *err)
{
	const char *noun = a->rest.n > 0 ? a->rest.v[0] : "";
	const char *verb = a->rest.n > 1 ? a->rest.v[1] : "";
	bool has_noun = false;

	for (const struct admin_cmd *c = cmds; c->noun; c++) {
		int n = (c->verb ? 2 : 1) + c->n_args;

		if (strcmp(c->noun, noun) != 0)
			continue;
		has_noun = true;
		if (c->verb && strcmp(c->verb, verb) != 0)
			continue;
		if ((int)a->rest.n != n) {
			err_set(err, ERR_USAGE, _("usage: stonechatd %s %s %s"), c->noun,
					c->verb ? c->verb : "", c->args);
			return NULL;
		}
		return admin_options_fit(c, a, err) ? c : NULL;
	}
	if (has_noun)
		err_set(err, ERR_USAGE, _("%s %s: no such command (stonechatd --help)"), noun,
				verb);
	else
		err_set(err, ERR_USAGE, _("%s: no such command (stonechatd --help)"), noun);
	return NULL;
}

/* ---- here, or in the server ---- */

bool
admin_own_dir(const char *dir, struct err *err)
{
	struct stat st;

	if (stat(dir, &st) == 0 && st.st_uid != geteuid()) {
		const struct passwd *pw = getpwuid(st.st_uid);
		char number[24];

		snprintf(number, sizeof number, "%lu", (unsigned long)st.st_uid);
		return err_set(err, ERR_USAGE, _("%s belongs to user %s: run this as that user"),
				dir, pw ? pw->pw_name : number);
	}
	return path_make_dir(dir, err);
}

/* Somebody has the ledger open for writing. */
static bool
is_locked(const char *dir)
{
	char *path = path_join(dir, "ledger.lock");
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	bool is = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0;

	if (fd >= 0)
		close(fd);
	free(path);
	return is;
}

/* The words for the server, paths made absolute; ends with NULL; the caller frees with
 * words_free. */
static char **
words(const struct admin_cmd *cmd, const struct args *a, int *n)
{
	static const char *const own[] = { "name", "topic" };
	char **v = xcalloc(a->rest.n + 8, sizeof *v), *cwd;

	*n = 0;
	for (size_t i = 0; i < a->rest.n; i++)
		v[(*n)++] = xstrdup(a->rest.v[i]);
	if ((cmd->flags & ADMIN_FILE) && v[*n - 1][0] != '/' && (cwd = getcwd(NULL, 0))) {
		char *path = path_join(cwd, v[*n - 1]);

		free(cwd);
		free(v[*n - 1]);
		v[*n - 1] = path;
	}
	if (args_has(a, "admin"))
		v[(*n)++] = xstrdup("--admin");
	if (args_has(a, "public"))
		v[(*n)++] = xstrdup("--public");
	for (size_t i = 0; i < 2; i++)
		if (args_has(a, own[i]))
			v[(*n)++] = xasprintf("--%s=%s", own[i], args_str(a, own[i]));
	return v;
}

static bool
run_here(const struct admin_cmd *cmd, const struct options *o, const struct args *a,
		struct buf *out, struct err *err)
{
	struct ledger_limits limits = { o->rate, o->rate_window_s, o->body, o->answer,
		OPTIONS_STREAMS };
	struct admin_where w = { NULL, o->data };
	bool ok;

	if (!(cmd->flags & ADMIN_OFFLINE)) {
		w.ledger = ledger_open(o->data, &limits, o->auto_join, err);
		if (!w.ledger)
			return false;
	}
	ok = cmd->run(&w, a, out, err);
	ledger_close(w.ledger);
	return ok;
}

bool
admin_main(const struct options *o, const struct args *a, struct buf *out, struct err *err)
{
	const struct admin_cmd *cmd = admin_find(a, err);
	struct timespec pause = { 0, 50 * 1000 * 1000 };
	int64_t end = clock_mono_ms() + STARTING_MS;
	enum ask_answer answer;
	char **argv;
	int argc;

	if (!cmd || !admin_own_dir(o->data, err))
		return false;
	argv = words(cmd, a, &argc);
	do {
		answer = ask_server(o->data, argc, argv, out, err);
		if (answer != ASK_NOBODY || !is_locked(o->data))
			break;
		nanosleep(&pause, NULL);
	} while (clock_mono_ms() < end);
	words_free(argv, argc);
	if (answer == ASK_NOBODY)
		return run_here(cmd, o, a, out, err);
	return answer == ASK_DONE;
}

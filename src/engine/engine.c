/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The life of the engine: it starts for the first front, serves, and leaves when idle. */
#include "config.h"

#include "engine/engine.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "cmds/options.h"
#include "control/lock.h"
#include "engine/reload.h"
#include "engine/wake.h"
#include "loop/loop.h"
#include "net/ws.h"

#define STOP_MS 1800		/* "leave within 2 s" */
#define FIRST_FRONT_MS 5000
#define FD_LIMIT 1024

/* Fronts */

/* The session variables of a hello replace those of the front before. */
static void
take_session(struct session *s, const json_t *hello)
{
	const char *name;
	json_t *value;

	while (s->n)
		free(s->vars[--s->n]);
	if (!hello)
		return;
	json_object_foreach(json_object_get(hello, "env"), name, value) {
		if (s->n < SESSION_MAX && json_is_string(value))
			s->vars[s->n++] = xasprintf("%s=%s", name, json_string_value(value));
	}
}

static void
on_joined(void *arg, struct serve_front *f, const json_t *hello)
{
	struct engine *e = arg;
	struct err err;

	take_session(&e->session, hello);
	if (!serve_is_offline(f)) {
		e->may_online = true;
		members_retry(e);
	}
	/* A change of the file a moment ago counts for this front. */
	if (reload_is_stale(e->reload))
		engine_reload(e, &err);
	engine_review(e);
}

static void
on_left(void *arg, struct serve_front *f)
{
	(void)f;
	engine_review(arg);
}

static void
on_watches(void *arg, struct serve_front *f)
{
	struct engine *e = arg;

	for (size_t i = 0; i < e->members.n; i++)
		if (e->members.v[i]->link)
			serve_tell(f, e->members.v[i]->link);
}

static void
on_request(void *arg, struct serve_call *c, const struct request *rq)
{
	verbs_request(arg, c, rq);
}

static void
on_cancel(void *arg, struct serve_call *c)
{
	(void)arg;
	verbs_cancel(c);
}

static const struct serve_ops serve_ops = {
	.joined = on_joined, .left = on_left, .watches = on_watches, .request = on_request,
	.cancel = on_cancel,
};

/* Events */

static void
on_event(void *arg, const struct event *ev)
{
	struct engine *e = arg;

	members_note(e, ev);
	if (ev->type == EV_LINK)
		log_put(e->log, LOG_INFO, "link", "account=%s state=%s why=\"%s\"", ev->account,
				link_state_name(ev->link.state), ev->link.why);
	else if (ev->type == EV_NOTICE)
		log_put(e->log, ev->notice.level == 2 ? LOG_ERROR : LOG_WARN, "notice",
				"account=%s text=\"%s\"", ev->account, ev->notice.text);
	serve_event(e->serve, ev);
}

static void
on_drained(void *arg)
{
	engine_review(arg);
}

static void
on_woke(void *arg)
{
	struct engine *e = arg;

	log_put(e->log, LOG_INFO, "engine", "woke=1");
	for (size_t i = 0; i < e->members.n; i++)
		if (e->members.v[i]->account)
			account_wake(e->members.v[i]->account);
}

/* Network and lingering */

static void
review_network(struct engine *e)
{
	/* Off while only --offline fronts are here; without any, what was begun online goes on. */
	bool want = serve_count_online(e->serve) > 0 ||
			(e->may_online && serve_count(e->serve) == 0);

	if (want == e->is_online)
		return;
	e->is_online = want;
	if (want && !e->wake)
		e->wake = wake_start(e->loop, on_woke, e);
	members_online(e, want);
}

static bool
is_needed(const struct engine *e)
{
	if (serve_count(e->serve) > 0 || conf_bool(e->conf, "engine", "stay"))
		return true;
	return e->may_online && !members_are_idle(e);
}

/* However short one may linger, the front that started us needs its time to come. */
static int64_t
linger_ms(const struct engine *e)
{
	int64_t ms = conf_int(e->conf, "engine", "linger") * 1000;

	return !e->had_front && ms < FIRST_FRONT_MS ? FIRST_FRONT_MS : ms;
}

static void
on_linger(void *arg)
{
	struct engine *e = arg;

	e->linger = NULL;
	if (!is_needed(e))
		engine_stop(e);
}

void
engine_review(struct engine *e)
{
	if (e->is_stopping || !e->serve)
		return;
	review_network(e);
	e->had_front = e->had_front || serve_count(e->serve) > 0;
	if (is_needed(e)) {
		loop_timer_stop(e->linger);
		e->linger = NULL;
	} else if (!e->linger) {
		e->linger = loop_timer_start(e->loop, linger_ms(e), on_linger, e);
	}
}

/* Options */

static struct conf *
read_options(struct engine *e, struct err *err)
{
	struct conf *conf = conf_new(option_rows);
	bool ok = conf_load(conf, e->config, false, err);

	for (size_t i = 0; ok && e->opt.sets[i]; i++)
		ok = conf_set(conf, e->opt.sets[i], err);
	if (ok)
		return conf;
	conf_free(conf);
	return NULL;
}

static void
complain(struct engine *e, const char *text)
{
	struct event ev = { .type = EV_NOTICE, .account = "", .conv = "", .name = "" };

	ev.notice.level = 2;
	ev.notice.text = text;
	queue_emit(&e->queue, &ev);
}

bool
engine_reload(struct engine *e, struct err *err)
{
	struct conf *conf = read_options(e, err);
	bool ok;

	if (!conf) {
		complain(e, err->msg);
		return false;
	}
	conf_free(e->conf);
	e->conf = conf;
	ok = members_load(e, err);
	if (!ok)
		complain(e, err->msg);
	log_put(e->log, LOG_INFO, "engine", "reloaded=%d", ok);
	engine_review(e);
	return ok;
}

static void
on_changed(void *arg)
{
	struct engine *e = arg;
	struct err err;

	/* A data directory that was removed has no engine. */
	if (!lock_is_ours(e->lock, e->paths.data))
		engine_stop(e);
	else if (reload_is_stale(e->reload))
		engine_reload(e, &err);
}

/* Signals, start and end */

static void
on_signal(void *arg, int signum)
{
	struct engine *e = arg;
	struct err err;

	if (signum != SIGUSR1) {
		engine_stop(e);
		return;
	}
	/* A front found the lock held and no socket. */
	if (!e->is_stopping && !(path_make_dir(e->paths.runtime, &err) &&
			serve_listen(e->serve, &err)))
		log_put(e->log, LOG_ERROR, "engine", "socket error=\"%s\"", err.msg);
}

static bool
start_signals(struct engine *e, struct err *err)
{
	static const int signums[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1 };

	for (size_t i = 0; i < sizeof signums / sizeof *signums; i++) {
		e->signals[i] = loop_signal_start(e->loop, signums[i], on_signal, e, err);
		if (!e->signals[i])
			return false;
	}
	return true;
}

static void
log_ws(void *arg, const char *line)
{
	log_put(arg, LOG_WARN, "lws", "text=\"%s\"", line);
}

static bool
open_log(struct engine *e, struct err *err)
{
	enum log_level level = LOG_INFO;
	char *path = path_join(e->paths.state, "log");
	bool ok = path_make_dir(e->paths.state, err);

	log_level_parse(conf_str(e->conf, "log", "level"), &level);
	if (ok)
		e->log = log_open(path, level, err);
	free(path);
	return e->log != NULL;
}

bool
engine_start(struct engine *e, struct err *err)
{
	char *socket = NULL;
	struct serve_conf conf = { .version = PACKAGE_VERSION, .config = e->config };

	e->started_ms = clock_mono_ms();
	e->may_online = !e->opt.is_offline;
	e->conf = read_options(e, err);
	if (!e->conf || !open_log(e, err))
		return false;
	e->loop = loop_new(err);
	if (!e->loop)
		return false;
	e->ws = ws_net_new(e->loop, FD_LIMIT, log_ws, e->log, err);
	if (!e->ws || !start_signals(e, err) || !path_make_dir(e->paths.runtime, err))
		return false;
	queue_init(&e->queue, e->loop, on_event, on_drained, e);
	e->reload = reload_start(e->loop, e->config, on_changed, e);
	socket = lock_socket_path(e->paths.runtime, e->paths.data);
	conf.path = socket;
	/* Accounts first: a front that is let in finds them. One that cannot be opened says so
	 * when it is asked for. */
	members_load(e, err);
	e->serve = serve_new(e->loop, &conf, &serve_ops, e, err);
	if (!e->serve) {
		free(socket);
		return false;
	}
	e->socket = socket;
	log_put(e->log, LOG_INFO, "engine", "started=%s pid=%ld offline=%d", PACKAGE_VERSION,
			(long)getpid(), e->opt.is_offline);
	engine_review(e);
	return true;
}

static void
on_stop_limit(void *arg)
{
	struct engine *e = arg;

	e->stop_limit = NULL;
	log_put(e->log, LOG_WARN, "engine", "left without %zu accounts being closed", e->closing);
	loop_quit(e->loop);
}

void
engine_stop(struct engine *e)
{
	if (!e->is_stopping) {
		e->is_stopping = true;
		log_put(e->log, LOG_INFO, "engine", "stopping=1");
		serve_close(e->serve);
		loop_timer_stop(e->linger);
		e->linger = NULL;
		e->stop_limit = loop_timer_start(e->loop, STOP_MS, on_stop_limit, e);
		members_close(e);
	}
	if (e->closing == 0)
		loop_quit(e->loop);
}

void
engine_done(struct engine *e)
{
	if (e->loop) {
		serve_free(e->serve);
		e->serve = NULL;
		loop_timer_stop(e->linger);
		loop_timer_stop(e->stop_limit);
		members_free(e);
		reload_stop(e->reload);
		wake_stop(e->wake);
		if (e->queue.turn)
			queue_done(&e->queue);
		/* A front may still ask for a new socket: its signal must not end us here. */
		for (size_t i = 0; i < sizeof e->signals / sizeof *e->signals; i++)
			loop_signal_stop(e->signals[i]);
		signal(SIGUSR1, SIG_IGN);
		if (e->ws)
			ws_net_free(e->ws);
		loop_free(e->loop);
	}
	take_session(&e->session, NULL);
	conf_free(e->conf);
	log_close(e->log);
	free(e->socket);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server from start to end: opens everything, tells that it is ready, runs, drains, closes. */
#include "daemon/serve.h"

#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/admin.h"
#include "daemon/control.h"
#include "daemon/crowd.h"
#include "daemon/daemon.h"
#include "daemon/listen.h"
#include "daemon/mark.h"
#include "daemon/options.h"
#include "daemon/run.h"
#include "daemon/stream.h"
#include "daemon/topic.h"
#include "daemon/user.h"
#include "daemon/warn.h"
#include "daemon/writer.h"
#include "ledger/ledger.h"
#include "loop/loop.h"
#include "net/ws.h"
#include "wire/wire.h"

#define FILES 16384			/* descriptors: connections and a few more */
#define LINGER_MS 3000			/* for the last bytes of those who are dismissed */
#define COME_BACK_MS 1500		/* "after" of the bye */
#define TRIM_EVERY_MS (3600 * 1000)
#define DAY_MS INT64_C(86400000)

/* What only start and end need to know. */
struct run {
	struct daemon d;
	struct loop_signal *signals[3];
	struct loop_timer *linger, *idle, *trim;
	bool is_dismissed;
};

static struct run *
run_of(struct daemon *d)
{
	return (struct run *)d;		/* its first member */
}

/* ---- the end ---- */

static void
linger_over(void *arg)
{
	struct run *r = arg;

	r->linger = NULL;
	loop_quit(r->d.loop);
}

static void
dismiss(struct daemon *d)
{
	struct run *r = run_of(d);

	if (r->is_dismissed)
		return;
	r->is_dismissed = true;
	crowd_dismiss(d->crowd, COME_BACK_MS);
	if (crowd_count(d->crowd) == 0)
		loop_quit(d->loop);
	else
		r->linger = loop_timer_start(d->loop, LINGER_MS, linger_over, r);
}

/* Commits what came, answers it, then says bye. */
static void
stop(struct daemon *d, const char *why)
{
	if (d->is_stopping) {
		loop_quit(d->loop);
		return;
	}
	log_put(d->log, LOG_INFO, "serve", "stop=%s connections=%zu", why, crowd_count(d->crowd));
	d->is_stopping = true;
	sd_notify(0, "STOPPING=1");
	marks_flush(d->marks, NULL);
	streams_save(d->streams);
	writer_when_idle(d->writer, dismiss);
}

void
daemon_fail(struct daemon *d, const char *why)
{
	log_put(d->log, LOG_ERROR, "serve", "fatal=%s", why);
	sd_notifyf(0, "STATUS=%s", why);
	d->is_stopping = true;
	d->exit_status = 1;
	dismiss(d);
}

static void
on_signal(void *arg, int signum)
{
	struct run *r = arg;

	stop(&r->d, strsignal(signum));
}

static void
idle_over(void *arg)
{
	struct run *r = arg;

	r->idle = NULL;
	stop(&r->d, "idle");
}

void
daemon_count_changed(struct daemon *d)
{
	struct run *r = run_of(d);
	size_t n = crowd_count(d->crowd);

	if (r->is_dismissed && n == 0)
		loop_quit(d->loop);
	if (n > 0 || d->is_stopping) {
		loop_timer_stop(r->idle);
		r->idle = NULL;
	} else if (d->opt->idle_exit_ms > 0 && !r->idle) {
		r->idle = loop_timer_start(d->loop, d->opt->idle_exit_ms, idle_over, r);
	}
}

/* ---- retention ---- */

static void trim(void *arg);

/* A step is bounded, so that others are not kept waiting. */
static void
trimmed(struct daemon *d, struct job *job)
{
	if (job->op.out.ok && job->op.out.retry)
		trim(run_of(d));
}

static void
trim(void *arg)
{
	struct run *r = arg;
	struct job *job;

	if (r->d.is_stopping)
		return;
	job = job_new(NULL, NULL, trimmed);
	job->op.act = LEDGER_TRIM;
	job->op.ts = job->op.now - r->d.opt->retain_days * DAY_MS;
	writer_put(r->d.writer, job);
}

/* ---- the beginning ---- */

static void
net_log(void *arg, const char *line)
{
	struct daemon *d = arg;

	log_put(d->log, LOG_WARN, "net", "%s", line);
}

static bool
open_ledger(struct daemon *d, struct err *err)
{
	const struct options *o = d->opt;
	struct ledger_limits limits = { o->rate, o->rate_window_s, o->body, o->answer,
		OPTIONS_STREAMS };

	d->ledger = ledger_open(o->data, &limits, o->auto_join, err);
	if (!d->ledger)
		return false;
	if (*ledger_notice(d->ledger))
		log_put(d->log, LOG_WARN, "ledger", "notice=%s", ledger_notice(d->ledger));
	d->reader = ledger_reader_open(o->data, err);
	return d->reader != NULL;
}

static bool
watch_signals(struct run *r, struct err *err)
{
	static const int ends[] = { SIGTERM, SIGINT, SIGHUP };

	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		r->signals[i] = loop_signal_start(r->d.loop, ends[i], on_signal, r, err);
		if (!r->signals[i])
			return false;
	}
	return true;
}

static bool
start(struct run *r, struct err *err)
{
	struct daemon *d = &r->d;

	umask(077);
	d->started_ms = clock_wall_ms();
	buf_init(&d->scratch, 2 * WIRE_SERVER_FRAME);
	buf_init(&d->records, 2 * WIRE_SERVER_FRAME);
	d->log = log_open(NULL, (enum log_level)d->opt->log_level, err);
	if (!d->log || !admin_own_dir(d->opt->data, err) || !open_ledger(d, err))
		return false;
	d->loop = loop_new(err);
	if (!d->loop || !watch_signals(r, err))
		return false;
	d->net = ws_net_new(d->loop, FILES, net_log, d, err);
	if (!d->net)
		return false;
	d->writer = writer_new(d);
	d->crowd = crowd_new(d);
	d->users = users_new(d);
	d->topics = topics_new(d);
	d->streams = streams_new(d);
	d->runs = runs_new(d);
	d->marks = marks_new(d);
	d->warn = warn_new(d);
	if (!streams_load(d->streams, err) || !runs_load(d->runs, err))
		return false;
	d->control = control_new(d, err);
	if (!d->control || !listen_all(d, err))
		return false;
	if (d->opt->retain_days > 0) {
		trim(r);
		r->trim = loop_timer_repeat(d->loop, TRIM_EVERY_MS, trim, r);
	}
	daemon_count_changed(d);
	sd_notify(0, "READY=1");
	return true;
}

static void
end(struct run *r)
{
	struct daemon *d = &r->d;

	d->is_stopping = true;
	r->is_dismissed = true;
	loop_timer_stop(r->linger);
	loop_timer_stop(r->idle);
	loop_timer_stop(r->trim);
	listen_stop(d);
	ws_net_free(d->net);
	writer_free(d->writer);
	control_free(d->control);
	warn_free(d->warn);
	marks_free(d->marks);
	streams_free(d->streams);
	runs_free(d->runs);
	topics_free(d->topics);
	users_free(d->users);
	crowd_free(d->crowd);
	for (size_t i = 0; i < sizeof r->signals / sizeof *r->signals; i++)
		loop_signal_stop(r->signals[i]);
	loop_free(d->loop);
	ledger_reader_close(d->reader);
	ledger_close(d->ledger);
	log_close(d->log);
	buf_done(&d->scratch);
	buf_done(&d->records);
}

bool
serve(struct options *o, int *status, struct err *err)
{
	struct run r;
	bool ok;

	memset(&r, 0, sizeof r);
	r.d.opt = o;
	ok = start(&r, err);
	if (ok) {
		loop_run(r.d.loop);
		log_put(r.d.log, LOG_INFO, "serve", "stopped status=%d", r.d.exit_status);
	}
	end(&r);
	*status = r.d.exit_status;
	return ok;
}

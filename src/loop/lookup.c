/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names to addresses. getaddrinfo cannot be interrupted and may take half a minute, so each runs
 * on a detached thread of its own: libuv's pool would be waited for when the program ends. */
#include "loop/loop.h"

#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "loop/impl.h"

#define MAX_THREADS 16		/* abandoned ones count until getaddrinfo returns */
#define MAX_ADDRS 16		/* of one name */

/* Counts the threads, and the loop as one more; the last to leave frees it. */
struct loop_threads {
	atomic_int n;
};

/* What thread and loop share; whoever lets go last frees it. */
struct job {
	struct loop_threads *threads;
	pthread_mutex_t lock;
	struct loop_wake *wake;		/* NULL once the asker has gone */
	bool is_done;
	char *host;
	char port[8];
	int rc;
	struct addrinfo *found;
};

struct loop_lookup {
	struct loop *l;
	struct loop_lookup *next;
	struct job *job;
	struct loop_wake *wake;
	struct loop_timer *timer;	/* the answer is known already */
	bool is_stopped;
	void (*done)(void *arg, const struct loop_addr *addrs, size_t n, const struct err *err);
	void *arg;
};

static void
threads_leave(struct loop_threads *threads)
{
	if (threads && atomic_fetch_sub(&threads->n, 1) == 1)
		free(threads);
}

static void
job_free(struct job *job)
{
	if (job->found)
		freeaddrinfo(job->found);
	pthread_mutex_destroy(&job->lock);
	free(job->host);
	free(job);
}

static struct job *
job_new(const char *host, int port)
{
	struct job *job = xcalloc(1, sizeof *job);

	pthread_mutex_init(&job->lock, NULL);
	job->host = xstrdup(host);
	snprintf(job->port, sizeof job->port, "%u", (unsigned)port & 0xffff);
	return job;
}

static void
job_resolve(struct job *job, int flags)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM,
			.ai_flags = flags };

	job->rc = getaddrinfo(job->host, job->port, &hints, &job->found);
}

static void *
job_thread(void *arg)
{
	struct job *job = arg;
	struct loop_threads *threads = job->threads;
	bool is_orphan;

	job_resolve(job, AI_ADDRCONFIG);
	pthread_mutex_lock(&job->lock);
	job->is_done = true;
	is_orphan = !job->wake;
	if (!is_orphan)
		loop_wake_send(job->wake);
	pthread_mutex_unlock(&job->lock);
	if (is_orphan)
		job_free(job);
	threads_leave(threads);
	return NULL;
}

static void
lookup_unlink(struct loop_lookup *k)
{
	struct loop_lookup **at = &k->l->lookups;

	while (*at && *at != k)
		at = &(*at)->next;
	if (*at)
		*at = k->next;
}

/* Lets go of the job; the thread frees it if it still runs. */
static void
lookup_drop(struct loop_lookup *k)
{
	bool is_ours;

	lookup_unlink(k);
	loop_timer_stop(k->timer);
	pthread_mutex_lock(&k->job->lock);
	is_ours = k->job->is_done;
	k->job->wake = NULL;
	pthread_mutex_unlock(&k->job->lock);
	loop_wake_stop(k->wake);
	if (is_ours)
		job_free(k->job);
	free(k);
}

static size_t
addrs_copy(const struct addrinfo *found, struct loop_addr addrs[MAX_ADDRS])
{
	size_t n = 0;

	for (; found && n < MAX_ADDRS; found = found->ai_next) {
		if (found->ai_addrlen > sizeof addrs[n].ss)
			continue;
		memset(&addrs[n], 0, sizeof addrs[n]);
		memcpy(&addrs[n].ss, found->ai_addr, found->ai_addrlen);
		addrs[n++].len = found->ai_addrlen;
	}
	return n;
}

static void
lookup_answer(void *arg)
{
	struct loop_lookup *k = arg;
	struct loop_addr addrs[MAX_ADDRS];
	struct err err = {0};
	size_t n = 0;

	k->timer = NULL;	/* it was a one-shot */
	if (k->job->rc == 0)
		n = addrs_copy(k->job->found, addrs);
	if (n == 0)
		err_set(&err, ERR_NETWORK, _("cannot find %s: %s"), k->job->host,
				k->job->rc ? gai_strerror(k->job->rc) : _("it has no address"));
	k->is_stopped = true;
	k->done(k->arg, addrs, n, &err);
	lookup_drop(k);
}

/* A number needs no thread, and "localhost" must not leave the machine (RFC 6761, section 6.3). */
static bool
job_resolve_here(struct job *job)
{
	bool is_localhost = strcasecmp(job->host, "localhost") == 0;
	char *host = job->host;

	if (is_localhost)
		job->host = NULL;	/* for getaddrinfo: the loopback addresses */
	job_resolve(job, AI_NUMERICHOST | AI_NUMERICSERV);
	job->host = host;
	return job->rc != EAI_NONAME;
}

static bool
job_start(struct loop *l, struct job *job)
{
	pthread_attr_t attr;
	pthread_t thread;
	bool ok;

	if (!l->threads) {
		l->threads = xcalloc(1, sizeof *l->threads);
		atomic_store(&l->threads->n, 1);
	}
	if (atomic_fetch_add(&l->threads->n, 1) > MAX_THREADS) {
		threads_leave(l->threads);
		return false;
	}
	job->threads = l->threads;
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	ok = pthread_create(&thread, &attr, job_thread, job) == 0;
	pthread_attr_destroy(&attr);
	if (!ok)
		threads_leave(l->threads);
	return ok;
}

struct loop_lookup *
loop_lookup_start(struct loop *l, const char *host, int port,
		void (*done)(void *arg, const struct loop_addr *addrs, size_t n,
				const struct err *err), void *arg)
{
	struct loop_lookup *k = xcalloc(1, sizeof *k);

	k->l = l;
	k->done = done;
	k->arg = arg;
	k->next = l->lookups;
	l->lookups = k;
	k->job = job_new(host, port);
	k->job->is_done = job_resolve_here(k->job);
	if (!k->job->is_done) {
		k->wake = k->job->wake = loop_wake_start(l, lookup_answer, k);
		if (job_start(l, k->job))
			return k;
		k->job->is_done = true;
		k->job->rc = EAI_AGAIN;
	}
	k->timer = loop_timer_start(l, 0, lookup_answer, k);
	return k;
}

void
loop_lookup_stop(struct loop_lookup *k)
{
	if (k && !k->is_stopped)
		lookup_drop(k);
}

void
loop_lookups_stop(struct loop *l)
{
	struct loop_lookup *k, *next;

	for (k = l->lookups; k; k = next) {
		next = k->next;
		lookup_drop(k);
	}
	threads_leave(l->threads);
	l->threads = NULL;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTTP requests: what is asked, what is let in, how it ends. */
#include "net/http.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "loop/loop.h"
#include "net/http_impl.h"
#include "net/tls.h"
#include "net/ws_url.h"

#define MAX_BODY (16 * 1024 * 1024)
#define MAX_HEAD (64 * 1024)
#define CONNECT_MS 10000
#define IDLE_MS 120000
#define TRY_MS 250L		/* before the next address is tried beside the others */

static void
http_free(struct http *h)
{
	*h->at = h->next;
	if (h->next)
		h->next->at = h->at;
	http_pool_remove(h);
	loop_timer_stop(h->idle);
	curl_easy_cleanup(h->easy);
	curl_slist_free_all(h->headers);
	curl_free(h->host);
	buf_done(&h->line);
	free(h->body);
	free(h);
}

static void
on_kick(void *arg)
{
	struct http_net *net = arg;

	net->kick = NULL;
	http_settle(net);
}

/* Has things settled soon, from outside of curl. */
static void
kick(struct http_net *net)
{
	if (!net->kick)
		net->kick = loop_timer_start(net->loop, 0, on_kick, net);
}

static void
finish(struct http *h, const struct err *err)
{
	h->state = HTTP_OVER;
	kick(h->net);
	h->ops->done(h->arg, h->has_head ? h->status : 0, err);
}

/* Ends it ourselves: curl's callback then fails, or the timer removes it. */
static void
give_up(struct http *h, enum err_kind kind, const char *words)
{
	if (h->why.kind == ERR_NONE)
		err_set(&h->why, kind, "%s", words);
}

void
http_finished(struct http *h, CURLcode result)
{
	struct err err = h->why;

	if (h->state != HTTP_RUNNING)
		return;
	if (err.kind == ERR_NONE && result != CURLE_OK) {
		const char *words = h->words[0] ? h->words : curl_easy_strerror(result);

		if (h->body_n > 0)
			err_set(&err, ERR_TRUNCATED, _("the answer broke off: %s"), words);
		else
			err_set(&err, ERR_NETWORK, "%s: %s", h->host, words);
	}
	finish(h, &err);
}

static void
on_idle(void *arg)
{
	struct http *h = arg;
	size_t least = h->idle_ms >= 1000 ? (size_t)(h->idle_ms / 1000) : 1;

	if (h->idle_n >= least) {
		h->idle_n = 0;
		return;
	}
	loop_timer_stop(h->idle);
	h->idle = NULL;
	give_up(h, h->body_n > 0 ? ERR_TRUNCATED : ERR_NETWORK,
			_("the server says nothing more, or less than a byte a second"));
	finish(h, &h->why);
}

/* "HTTP/1.1 200 OK"; 0 if it is no status line. */
static long
status_of(const char *line)
{
	const char *space = strchr(line, ' ');

	if (strncmp(line, "HTTP/", 5) != 0 || !space)
		return 0;
	return strtol(space, NULL, 10);
}

/* Interim answers (1xx) and trailers are passed over. */
static void
header_line(struct http *h, char *line)
{
	char *colon = strchr(line, ':'), *value;

	if (status_of(line) != 0) {
		h->status = status_of(line);
		return;
	}
	if (h->status < 200 || h->has_head)
		return;
	if (!*line) {
		h->has_head = true;
		if (h->ops->head)
			h->ops->head(h->arg, h->status);
		return;
	}
	if (!colon || !h->ops->header)
		return;
	*colon = '\0';
	value = colon + 1;
	value += strspn(value, " \t");
	h->ops->header(h->arg, line, value);
}

static size_t
on_header(char *p, size_t size, size_t count, void *arg)
{
	struct http *h = arg;
	size_t n = size * count;

	if (h->state != HTTP_RUNNING)
		return 0;
	h->idle_n += n;
	h->head_n += n;
	if (h->head_n > h->max_head) {
		give_up(h, ERR_REFUSED, _("the headers of the answer are too large"));
		return 0;
	}
	while (n > 0 && (p[n - 1] == '\n' || p[n - 1] == '\r' || p[n - 1] == ' '))
		n--;
	buf_clear(&h->line);
	buf_add(&h->line, p, n);
	if (n == 0)
		buf_adds(&h->line, "");
	header_line(h, h->line.p);
	return h->state == HTTP_RUNNING ? size * count : 0;
}

static size_t
on_data(char *p, size_t size, size_t count, void *arg)
{
	struct http *h = arg;
	size_t n = size * count;

	if (h->state != HTTP_RUNNING)
		return 0;
	h->idle_n += n;
	if (n > h->max_body - h->body_n) {
		give_up(h, ERR_TRUNCATED, _("the answer is too large"));
		return 0;
	}
	h->body_n += n;
	if (h->ops->data && !h->ops->data(h->arg, p, n)) {
		give_up(h, ERR_TRUNCATED, _("the answer was stopped"));
		return 0;
	}
	return h->state == HTTP_RUNNING ? n : 0;
}

static bool
is_loopback(const char *host)
{
	char number[64];
	size_t n = strlen(host);

	if (host[0] != '[' || n - 2 >= sizeof number)
		return ws_is_loopback(host);
	memcpy(number, host + 1, n - 2);
	number[n - 2] = '\0';
	return ws_is_loopback(number);
}

/* *host is the caller's with curl_free, even on failure. */
static bool
check_url(const char *url, char **host, bool *is_local, struct err *err)
{
	CURLU *u = curl_url();
	char *scheme = NULL;
	bool ok = false;

	*host = NULL;
	if (!u || curl_url_set(u, CURLUPART_URL, url, CURLU_DISALLOW_USER) != CURLUE_OK
			|| curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK
			|| curl_url_get(u, CURLUPART_HOST, host, 0) != CURLUE_OK) {
		err_set(err, ERR_USAGE, _("%s is no web address"), url);
		goto out;
	}
	*is_local = is_loopback(*host);
	ok = strcmp(scheme, "https") == 0 || (strcmp(scheme, "http") == 0 && *is_local);
	if (!ok)
		err_set(err, ERR_USAGE, strcmp(scheme, "http") == 0
				? _("http:// is for this machine only: use https:// for %s")
				: _("only https:// addresses can be asked, not those of %s"),
						*host);
out:
	curl_free(scheme);
	curl_url_cleanup(u);
	return ok;
}

static bool
add_headers(struct http *h, const char *const *headers, struct err *err)
{
	/* No "Expect: 100-continue": it costs a second where it is not understood. */
	h->headers = curl_slist_append(NULL, "Expect:");
	for (; headers && *headers; headers++) {
		struct curl_slist *more;

		if (strpbrk(*headers, "\r\n") || !strchr(*headers, ':'))
			return err_set(err, ERR_USAGE, _("a header to send is not well formed"));
		more = curl_slist_append(h->headers, *headers);
		if (!more)
			abort();
		h->headers = more;
	}
	return true;
}

static void
set_method(struct http *h, const struct http_request *req)
{
	const char *method = req->method ? req->method : "GET";

	if (strcmp(method, "HEAD") == 0)
		curl_easy_setopt(h->easy, CURLOPT_NOBODY, 1L);
	if (req->body) {
		h->body = xmemdup(req->body, req->body_n);
		curl_easy_setopt(h->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)req->body_n);
		curl_easy_setopt(h->easy, CURLOPT_POSTFIELDS, h->body);
	} else if (strcmp(method, "POST") == 0) {
		curl_easy_setopt(h->easy, CURLOPT_POSTFIELDS, "");
	}
	curl_easy_setopt(h->easy, CURLOPT_CUSTOMREQUEST, method);
}

/* What every request has in common, whatever is asked: no way to another place or protocol. */
static void
set_manners(struct http *h)
{
	CURL *e = h->easy;

	curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(e, CURLOPT_REDIR_PROTOCOLS_STR, "https");
	curl_easy_setopt(e, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(e, CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS, TRY_MS);
	curl_easy_setopt(e, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	/* A look-up that hangs must not hold up who stops the request. */
	curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(e, CURLOPT_PRIVATE, h);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, h->words);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, h);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, h);
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, h->headers);
}

static void
set_request(struct http *h, const struct http_request *req, bool is_local)
{
	CURL *e = h->easy;

	set_manners(h);
	set_method(h, req);
	curl_easy_setopt(e, CURLOPT_URL, req->url);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, is_local ? "http,https" : "https");
	/* "" also keeps curl from the environment. */
	curl_easy_setopt(e, CURLOPT_PROXY, req->proxy && !is_local ? req->proxy : "");
	if (req->cafile)
		curl_easy_setopt(e, CURLOPT_CAINFO, req->cafile);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS,
			(long)(req->connect_ms > 0 ? req->connect_ms : CONNECT_MS));
	curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)req->total_ms);
	h->ops = req->ops;
	h->arg = req->arg;
	h->max_body = req->max_body ? req->max_body : MAX_BODY;
	h->max_head = req->max_head ? req->max_head : MAX_HEAD;
	h->idle_ms = req->idle_ms > 0 ? req->idle_ms : IDLE_MS;
	buf_init(&h->line, h->max_head);
}

struct http *
http_start(struct http_net *net, const struct http_request *req, struct err *err)
{
	struct http *h = xcalloc(1, sizeof *h);
	bool is_local = false;

	h->net = net;
	h->next = net->requests;
	if (h->next)
		h->next->at = &h->next;
	h->at = &net->requests;
	net->requests = h;
	h->easy = curl_easy_init();
	if (!h->easy)
		abort();
	if (!check_url(req->url, &h->host, &is_local, err)
			|| (req->cafile && !tls_check_cafile(req->cafile, err))
			|| !add_headers(h, req->headers, err)) {
		http_free(h);
		return NULL;
	}
	set_request(h, req, is_local);
	kick(net);
	return h;
}

void
http_stop(struct http *h)
{
	if (!h || h->state == HTTP_OVER)
		return;
	h->state = HTTP_OVER;
	kick(h->net);
}

static void
begin(struct http *h)
{
	struct http_pool *pool = http_pool_get(h->net);

	h->state = HTTP_RUNNING;
	if (pool && http_pool_add(pool, h)) {
		h->idle = loop_timer_repeat(h->net->loop, h->idle_ms, on_idle, h);
		return;
	}
	give_up(h, ERR_FAIL, _("cannot begin a request"));
	finish(h, &h->why);
}

void
http_settle(struct http_net *net)
{
	struct http *h, *next;

	if (net->in_curl)
		return;
	for (h = net->requests; h; h = next) {
		next = h->next;
		if (h->state == HTTP_OVER)
			http_free(h);
	}
	http_pools_sweep(net);
	for (h = net->requests; h; h = next) {
		next = h->next;
		if (h->state == HTTP_NEW)
			begin(h);
	}
}

struct http_net *
http_net_new(struct loop *l, struct err *err)
{
	struct http_net *net;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		err_set(err, ERR_FAIL, _("cannot start libcurl"));
		return NULL;
	}
	signal(SIGPIPE, SIG_IGN);
	net = xcalloc(1, sizeof *net);
	net->loop = l;
	return net;
}

void
http_net_free(struct http_net *net)
{
	struct http *h, *next;

	if (!net)
		return;
	for (h = net->requests; h; h = next) {
		next = h->next;
		http_free(h);
	}
	http_pools_retire(net);
	http_pools_sweep(net);
	loop_timer_stop(net->kick);
	curl_global_cleanup();
	free(net);
}

void
http_net_forget(struct http_net *net)
{
	http_pools_retire(net);
	kick(net);
}

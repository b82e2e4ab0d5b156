/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libwebsockets as a guest of our loop: its birth, its words, its virtual hosts, its death. */
#include "net/ws.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "loop/loop.h"
#include "net/tls.h"
#include "net/ws_impl.h"

#define OPEN_SECS 10		/* of each stage of a handshake */
#define SERV_BUF (64 * 1024)	/* read at once; shared by all connections */
#define MAX_HEADERS 4096	/* of a handshake */
#define CLIENT_RX SERV_BUF
#define MAX_TURNS 200		/* to let the library close what it has */

/* No pings of its own: they would wake the process for every connection; ours are in the
 * protocol. */
static const lws_retry_bo_t no_pings;

/* The library has one log function for the process and gives it no argument. */
static struct ws_net *log_owner;

static void
on_log(int level, const char *line)
{
	struct ws_net *net = log_owner;
	char text[sizeof net->complaint];

	(void)level;
	if (!net)
		return;
	str_copy(text, sizeof text, line);
	text[strcspn(text, "\r\n")] = '\0';
	if (strstr(text, "evlib plugin"))
		net->lacks_plugin = true;
	if (!net->complaint[0])
		memcpy(net->complaint, text, sizeof text);
	if (net->log)
		net->log(net->log_arg, text);
}

/* libwebsockets sizes its tables by this limit, and fits them best when it is exact. */
static void
limit_descriptors(int fd_limit)
{
	struct rlimit r;

	if (fd_limit <= 0 || getrlimit(RLIMIT_NOFILE, &r) < 0)
		return;
	r.rlim_cur = (rlim_t)fd_limit < r.rlim_max ? (rlim_t)fd_limit : r.rlim_max;
	setrlimit(RLIMIT_NOFILE, &r);
}

void
ws_kick(struct ws_net *net)
{
	lws_cancel_service(net->ctx);
}

void
ws_vhost_defaults(struct ws_net *net, struct lws_context_creation_info *info,
		const struct lws_protocols *protocols, const char *name)
{
	memset(info, 0, sizeof *info);
	info->port = CONTEXT_PORT_NO_LISTEN;
	info->protocols = protocols;
	info->vhost_name = name;
	info->user = net;
	info->alpn = "http/1.1";
	info->retry_and_idle_policy = &no_pings;
	info->timeout_secs = OPEN_SECS;
	info->timeout_secs_ah_idle = OPEN_SECS;
	/* Without this it reads a proxy from the environment, which is the configuration's task. */
	info->http_proxy_address = "0:0";
	info->gid = (gid_t)-1;
	info->uid = (uid_t)-1;
}

static const struct lws_protocols client_protocols[] = {
	{ WS_NAME, ws_client_event, 0, CLIENT_RX, 0, NULL, WS_MAX_OUT },
	{ 0 },
};

static bool
make_context(struct ws_net *net, struct err *err)
{
	struct lws_context_creation_info info;
	void *loops[1] = { loop_native(net->loop) };

	ws_vhost_defaults(net, &info, client_protocols, "first");
	info.options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS
			| LWS_SERVER_OPTION_VALIDATE_UTF8 | LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	info.foreign_loops = loops;
	info.pcontext = &net->ctx;
	info.count_threads = 1;
	info.pt_serv_buf_size = SERV_BUF;
	info.max_http_header_data = MAX_HEADERS;
	net->ctx = lws_create_context(&info);
	if (net->ctx)
		return true;
	if (net->lacks_plugin)
		return err_set(err, ERR_FAIL, _("libwebsockets cannot load its libuv plugin: "
				"install the package libwebsockets-evlib-uv"));
	return err_set(err, ERR_FAIL, _("cannot start libwebsockets: %s"), net->complaint);
}

struct ws_net *
ws_net_new(struct loop *l, int fd_limit, void (*log)(void *arg, const char *line), void *log_arg,
		struct err *err)
{
	struct ws_net *net = xcalloc(1, sizeof *net);

	net->loop = l;
	net->log = log;
	net->log_arg = log_arg;
	buf_init(&net->out, WS_MAX_OUT);
	buf_init(&net->frame, LWS_PRE + 2 * WS_MAX_OUT);
	limit_descriptors(fd_limit);
	log_owner = net;
	lws_set_log_level(LLL_ERR | LLL_WARN, on_log);
	/* The first virtual host also hears about certificates, whoever presents them. */
	if (make_context(net, err) && ws_vhost_get(net, false, NULL, NULL, err))
		return net;
	ws_net_free(net);
	return NULL;
}

static void
destroy_context(struct ws_net *net)
{
	lws_context_destroy(net->ctx);
	for (int i = 0; i < MAX_TURNS && net->ctx && (i < 4 || net->clients || net->servers); i++)
		loop_once(net->loop, false);
	if (net->ctx)
		lws_context_destroy(net->ctx);
	loop_once(net->loop, false);
}

void
ws_net_free(struct ws_net *net)
{
	if (!net)
		return;
	net->is_closing = true;
	while (net->servers)
		ws_server_stop(net->servers);
	if (net->ctx)
		destroy_context(net);
	while (net->clients)
		ws_end(net->clients, 0, "", NULL);
	loop_timer_stop(net->soon);
	for (size_t i = 0; i < net->vhosts.n; i++) {
		free(net->vhosts.v[i].cafile);
		free(net->vhosts.v[i].proxy);
	}
	arr_done(&net->vhosts);
	buf_done(&net->out);
	buf_done(&net->frame);
	log_owner = NULL;
	free(net);
}

static bool
is_same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

struct lws_vhost *
ws_vhost_get(struct ws_net *net, bool is_tls, const char *cafile, const char *proxy,
		struct err *err)
{
	struct lws_context_creation_info info;
	struct ws_vhost v = { .is_tls = is_tls };

	for (size_t i = 0; i < net->vhosts.n; i++) {
		struct ws_vhost *old = &net->vhosts.v[i];

		if (old->is_tls == is_tls && is_same(old->cafile, cafile)
				&& is_same(old->proxy, proxy))
			return old->vhost;
	}
	if (is_tls && cafile && !tls_check_cafile(cafile, err))
		return NULL;
	ws_vhost_defaults(net, &info, client_protocols, "client");
	if (is_tls)
		info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	if (is_tls && cafile) {
		info.options |= LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS;
		info.client_ssl_ca_filepath = cafile;
	}
	if (proxy)
		info.http_proxy_address = proxy;
	net->complaint[0] = '\0';
	v.vhost = lws_create_vhost(net->ctx, &info);
	if (!v.vhost) {
		err_set(err, ERR_FAIL, _("cannot set up the network: %s"), net->complaint);
		return NULL;
	}
	v.cafile = xstrdup(cafile);
	v.proxy = xstrdup(proxy);
	arr_push(&net->vhosts, v);
	return v.vhost;
}

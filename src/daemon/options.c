/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What can be set, on the command line and in the configuration: one row an option. */
#include "daemon/options.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/args.h"
#include "base/conf.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"

#define KIB 1024
#define MIB (1024 * 1024)

static const struct arg_row arg_rows[] = {
	{ "data", 0, ARG_STRING, "DIR", 0, 0,
	  N_("where everything is kept (default: $XDG_DATA_HOME/stonechat/server)") },
	{ "listen", 0, ARG_LIST, "ADDRESS", 0, 0,
	  N_("unix:PATH or HOST:PORT, may be repeated; port 0 picks a free one"
	     " (default: unix:DIR/sock)") },
	{ "tls-cert", 0, ARG_STRING, "FILE", 0, 0, N_("certificate chain (PEM) for HOST:PORT") },
	{ "tls-key", 0, ARG_STRING, "FILE", 0, 0, N_("its private key (PEM)") },
	{ "config", 0, ARG_STRING, "FILE", 0, 0, N_("configuration (default: " OPTIONS_FILE ")") },
	{ "set", 0, ARG_LIST, "SECTION.KEY=VALUE", 0, 0,
	  N_("one option of the configuration, may be repeated") },
	{ "idle-exit", 0, ARG_INT, "S", 1, 86400 * 365,
	  N_("leave after S seconds without a connection") },
	{ "retain", 0, ARG_INT, "DAYS", 0, 36500,
	  N_("forget messages after DAYS days (0: never)") },
	{ "foreground", 0, ARG_FLAG, NULL, 0, 0,
	  N_("stay in the foreground (the server always does)") },
	{ "admin", 0, ARG_FLAG, NULL, 0, 0, N_("user add: may do what owners may, everywhere") },
	{ "name", 0, ARG_STRING, "NAME", 0, 0, N_("user add: the name to show") },
	{ "topic", 0, ARG_STRING, "TEXT", 0, 0, N_("room create: what it is about") },
	{ "public", 0, ARG_FLAG, NULL, 0, 0, N_("room create: everybody may join") },
	{ "version", 0, ARG_FLAG, NULL, 0, 0, N_("print the version") },
	{ "help", 'h', ARG_FLAG, NULL, 0, 0, N_("print this text") },
	{ NULL }
};

static const struct conf_row conf_rows[] = {
	{ "server", "listen", CONF_STRING, "", 0, 0, NULL,
	  N_("addresses to listen on, separated by blanks") },
	{ "server", "tls_cert", CONF_PATH, NULL, 0, 0, NULL, N_("certificate chain (PEM)") },
	{ "server", "tls_key", CONF_PATH, NULL, 0, 0, NULL, N_("private key (PEM)") },
	{ "server", "unix_mode", CONF_STRING, "0600", 0, 0, NULL,
	  N_("mode of Unix sockets, octal") },
	{ "server", "idle_exit", CONF_INT, "0", 0, 86400 * 365, NULL,
	  N_("leave after so many seconds without a connection (0: stay)") },
	{ "server", "metrics", CONF_ENUM, "loopback", 0, 0, "loopback|all",
	  N_("who may read /metrics") },
	{ "server", "log", CONF_ENUM, "info", 0, 0, "debug|info|warn|error",
	  N_("least level that is logged") },
	{ "limits", "rate", CONF_INT, "20", 0, 1000000, NULL,
	  N_("new messages of a sender in rate_window (0: no limit; none over Unix sockets)") },
	{ "limits", "rate_window", CONF_INT, "10", 0, 86400, NULL, N_("seconds (0: no limit)") },
	{ "limits", "per_user", CONF_INT, "64", 0, 65536, NULL,
	  N_("connections of one user (0: no limit)") },
	{ "limits", "per_address", CONF_INT, "16", 0, 65536, NULL,
	  N_("connections of one address that have not said who they are (0: no limit)") },
	{ "limits", "preauth_seconds", CONF_INT, "10", 1, 600, NULL,
	  N_("seconds until a connection must have said who it is") },
	{ "limits", "frame", CONF_INT, "65536", 1 * KIB, MIB, NULL,
	  N_("bytes of a client's frame") },
	{ "limits", "body", CONF_INT, "32768", 64, 128 * KIB, NULL, N_("bytes of a body") },
	{ "limits", "answer", CONF_INT, "131072", 64, 192 * KIB, NULL,
	  N_("bytes of the text of an AI answer") },
	{ "limits", "fetch", CONF_INT, "200", 1, 1000, NULL, N_("records of a page") },
	{ "limits", "inflight", CONF_INT, "32", 1, 1000, NULL,
	  N_("requests of a connection without an answer") },
	{ "limits", "window", CONF_INT, "262144", 64 * KIB, 4 * MIB, NULL,
	  N_("bytes on the way to a client that names no window") },
	{ "limits", "ping", CONF_INT, "25", 1, 3600, NULL,
	  N_("seconds of silence after which a client asks for a sign of life") },
	{ "limits", "dead", CONF_INT, "60", 1, 7200, NULL,
	  N_("seconds of silence after which a connection is closed") },
	{ "limits", "retain", CONF_INT, "0", 0, 36500, NULL,
	  N_("days that messages are kept (0: for ever)") },
	{ "rooms", "auto_join", CONF_STRING, "", 0, 0, NULL,
	  N_("a room that is made at start and that every user is a member of") },
	{ "warn", "ack_p95_ms", CONF_INT, "250", 0, 600000, NULL,
	  N_("warn when 5% of the acknowledgements took longer (0: never)") },
	{ "warn", "loop_lag_ms", CONF_INT, "200", 0, 600000, NULL,
	  N_("warn when the server was busy longer at a stretch (0: never)") },
	{ NULL }
};

const struct arg_row *
options_args(void)
{
	return arg_rows;
}

const struct conf_row *
options_conf(void)
{
	return conf_rows;
}

static bool
load_conf(struct options *o, const struct args *args, struct err *err)
{
	const char *file = args_str(args, "config"), *set;

	o->conf = conf_new(conf_rows);
	if (file ? !conf_load(o->conf, file, true, err) :
	    access(OPTIONS_FILE, R_OK) == 0 && !conf_load(o->conf, OPTIONS_FILE, true, err))
		return false;
	for (size_t i = 0; (set = args_each(args, "set", i)); i++)
		if (!conf_set(o->conf, set, err))
			return false;
	return true;
}

static bool
take_data(struct options *o, const struct args *args, struct err *err)
{
	const char *dir = args_str(args, "data");
	char *base;

	if (dir) {
		if (!*dir)
			return err_set(err, ERR_USAGE, _("--data needs a directory"));
		o->data = dir[0] == '/' ? xstrdup(dir) : NULL;
		if (!o->data) {
			char *cwd = getcwd(NULL, 0);

			if (!cwd)
				return err_sys(err, ERR_FAIL, _("the current directory"));
			o->data = path_join(cwd, dir);
			free(cwd);
		}
		return true;
	}
	base = path_xdg("XDG_DATA_HOME", ".local/share", err);
	if (!base)
		return false;
	o->data = path_join(base, "stonechat/server");
	free(base);
	return true;
}

static void
take_listen(struct options *o, const struct args *args)
{
	const char *each, *p = conf_str(o->conf, "server", "listen");

	for (size_t i = 0; (each = args_each(args, "listen", i)); i++)
		arr_push(&o->listen, xstrdup(each));
	if (o->listen.n > 0)
		return;
	for (p = p ? p : ""; *(p += strspn(p, " \t")); p += strcspn(p, " \t"))
		arr_push(&o->listen, xstrndup(p, strcspn(p, " \t")));
	if (o->listen.n == 0)
		arr_push(&o->listen, xasprintf("unix:%s/sock", o->data));
}

static bool
take_mode(struct options *o, struct err *err)
{
	const char *text = conf_str(o->conf, "server", "unix_mode");
	char *end;
	unsigned long mode = strtoul(text, &end, 8);

	if (!*text || *end || mode > 0777)
		return err_set(err, ERR_USAGE,
				_("server.unix_mode = %s: an octal mode like 0660"), text);
	o->unix_mode = (mode_t)mode;
	return true;
}

static bool
take_tls(struct options *o, const struct args *args, struct err *err)
{
	o->tls_cert = args_str(args, "tls-cert");
	o->tls_key = args_str(args, "tls-key");
	if (!o->tls_cert)
		o->tls_cert = conf_str(o->conf, "server", "tls_cert");
	if (!o->tls_key)
		o->tls_key = conf_str(o->conf, "server", "tls_key");
	if (!o->tls_cert != !o->tls_key)
		return err_set(err, ERR_USAGE, _("TLS needs both a certificate and its key:"
				" --tls-cert FILE --tls-key FILE"));
	return true;
}

static void
take_limits(struct options *o, const struct args *args)
{
	const struct conf *c = o->conf;

	o->rate = conf_int(c, "limits", "rate");
	o->rate_window_s = conf_int(c, "limits", "rate_window");
	if (o->rate_window_s == 0)
		o->rate = 0;
	o->per_user = conf_int(c, "limits", "per_user");
	o->per_address = conf_int(c, "limits", "per_address");
	o->preauth_ms = conf_int(c, "limits", "preauth_seconds") * 1000;
	o->dead_ms = conf_int(c, "limits", "dead") * 1000;
	o->ping_s = conf_int(c, "limits", "ping");
	o->frame = conf_int(c, "limits", "frame");
	o->body = conf_int(c, "limits", "body");
	o->answer = conf_int(c, "limits", "answer");
	o->window = conf_int(c, "limits", "window");
	o->fetch = conf_int(c, "limits", "fetch");
	o->inflight = conf_int(c, "limits", "inflight");
	o->retain_days = args_int(args, "retain", conf_int(c, "limits", "retain"));
	o->idle_exit_ms = args_int(args, "idle-exit", conf_int(c, "server", "idle_exit")) * 1000;
	o->warn_ack_ms = conf_int(c, "warn", "ack_p95_ms");
	o->warn_lag_ms = conf_int(c, "warn", "loop_lag_ms");
}

bool
options_load(struct options *o, const struct args *args, struct err *err)
{
	enum log_level level = LOG_INFO;

	memset(o, 0, sizeof *o);
	if (!load_conf(o, args, err) || !take_data(o, args, err) || !take_mode(o, err) ||
	    !take_tls(o, args, err)) {
		options_done(o);
		return false;
	}
	take_listen(o, args);
	take_limits(o, args);
	o->auto_join = conf_str(o->conf, "rooms", "auto_join");
	o->is_public_metrics = strcmp(conf_str(o->conf, "server", "metrics"), "all") == 0;
	log_level_parse(conf_str(o->conf, "server", "log"), &level);
	o->log_level = level;
	return true;
}

void
options_done(struct options *o)
{
	for (size_t i = 0; i < o->listen.n; i++)
		free(o->listen.v[i]);
	arr_done(&o->listen);
	free(o->data);
	conf_free(o->conf);
	memset(o, 0, sizeof *o);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options table: what stands here is read somewhere; stonechat.conf(5) is made of it. */
#include "cmds/options.h"

#include "base/i18n.h"

const struct conf_row option_rows[] = {
	{ .section = "account", .key = "default", .type = CONF_STRING,
		.help = N_("the account that is meant when none is named; else the first one") },
	{ .section = "account *", .key = "url", .type = CONF_STRING,
		.help = N_("where its server is: wss://HOST[:PORT], ws:// to this machine only, "
			"or unix:PATH") },
	{ .section = "account *", .key = "user", .type = CONF_STRING,
		.help = N_("the user name there; a server that gives another one is refused") },
	{ .section = "account *", .key = "token_file", .type = CONF_PATH,
		.help = N_("a file whose first word is the token; read before every connection") },
	{ .section = "account *", .key = "token_command", .type = CONF_COMMAND,
		.help = N_("a program and its arguments (no shell) that prints the token; at most "
			"30 s") },
	{ .section = "network", .key = "cafile", .type = CONF_PATH,
		.help = N_("authorities to trust instead of the system's (PEM)") },
	{ .section = "network", .key = "proxy", .type = CONF_STRING,
		.help = N_("http://HOST:PORT for connections beyond this machine; else the "
			"environment's") },
	{ .section = "network", .key = "warn_ack_ms", .type = CONF_INT, .fallback = "1000",
		.min = 1, .max = 3600000,
		.help = N_("status warns when the 95th percentile of acknowledgements is slower") },
	{ .section = "engine", .key = "stay", .type = CONF_BOOL, .fallback = "false",
		.help = N_("keep the engine when no front is connected (notices need it)") },
	{ .section = "engine", .key = "linger", .type = CONF_INT, .fallback = "60",
		.min = 0, .max = 86400,
		.help = N_("seconds that the engine stays with nothing to do") },
	{ .section = "ui", .key = "theme", .type = CONF_ENUM, .fallback = "auto",
		.choices = "auto|dark|light",
		.help = N_("the colours of the screen, for a dark or a light terminal; auto "
			"goes by COLORFGBG") },
	{ .section = "ui", .key = "mouse", .type = CONF_BOOL, .fallback = "true",
		.help = N_("the wheel scrolls (text is then selected with Shift held down)") },
	{ .section = "keys", .key = "*", .type = CONF_STRING,
		.help = N_("a key of the screen (Ctrl-N, Alt-a, F2) and the command line that it "
			"stands for; empty: it is the input line's") },
	{ .section = "log", .key = "level", .type = CONF_ENUM, .fallback = "info",
		.choices = "debug|info|warn|error",
		.help = N_("what goes into the engine's log") },
	{ NULL }
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options that every command takes. */
#include "cmds/globals.h"

#include "base/i18n.h"

const struct arg_row global_rows[] = {
	{ .name = "account", .type = ARG_STRING, .value = "NAME",
		.help = N_("the account meant (STONECHAT_ACCOUNT)") },
	{ .name = "config", .type = ARG_STRING, .value = "FILE",
		.help = N_("the configuration file (STONECHAT_CONFIG)") },
	{ .name = "data", .type = ARG_STRING, .value = "DIR",
		.help = N_("a folder for everything: mirror, state, own server (STONECHAT_DATA)") },
	{ .name = "set", .type = ARG_LIST, .value = "SECTION.KEY=VALUE",
		.help = N_("an option, for this run") },
	{ .name = "offline", .type = ARG_FLAG, .help = N_("no network") },
	{ .name = "json", .type = ARG_FLAG, .help = N_("one JSON object a line") },
	{ .name = "no-stdin", .type = ARG_FLAG, .help = N_("leave standard input alone") },
	{ .name = "color", .type = ARG_STRING, .value = "WHEN",
		.help = N_("auto, always or never") },
	{ .name = "plain", .type = ARG_FLAG,
		.help = N_("lines instead of a screen, for screen readers and simple terminals") },
	{ .name = "quiet", .short_name = 'q', .type = ARG_FLAG, .help = N_("no remarks") },
	{ .name = "verbose", .short_name = 'v', .type = ARG_FLAG, .help = N_("more remarks") },
	{ .name = "version", .type = ARG_FLAG, .help = N_("print the version") },
	{ .name = "help", .type = ARG_FLAG, .help = N_("print help, of a command too") },
	{ NULL }
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any text as a log of any format: what is taken out of it is a record that can be stored. */
#include "cmds/chatlog.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "fuzz.h"

static void
check_record(const struct chatlog *l)
{
	const struct record *r = &l->record;
	json_t *body = json_strict(r->body, r->body_n, NULL);

	must(id_valid(r->id) && r->kind != REC_OTHER && *r->from);
	must(strlen(r->from) <= CHATLOG_FROM_MAX);
	must(json_is_object(body));
	json_decref(body);
}

/* The first byte chooses the format. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const names[] = { "auto", "weechat", "irssi", "jsonl" };
	struct chatlog l = { 0 };
	struct err err;
	char *text, *line, *next;

	if (n == 0 || memchr(data + 1, 0, n - 1))
		return 0;
	text = xstrndup((const char *)data + 1, n - 1);
	if (!utf8_valid(text, strlen(text), NULL)) {
		free(text);
		return 0;
	}
	must(chatlog_init(&l, names[data[0] % 4], "Europe/Berlin", &err) ||
			chatlog_init(&l, names[data[0] % 4], "UTC", &err));
	for (line = text; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (chatlog_line(&l, line) == CHATLOG_RECORD)
			check_record(&l);
	}
	chatlog_done(&l);
	free(text);
	return 0;
}

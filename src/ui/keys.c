/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which command line each key stands for: one row a key; help is made from the rows. */
#include "ui/keys.h"

#include <string.h>

#include "base/i18n.h"
#include "base/text.h"

const struct key_row key_table[] = {
	{ "Enter", "accept", N_("send the line, or run it when it begins with a slash") },
	{ "M-Enter", "newline", N_("new line in the message") },
	{ "C-j", "newline", NULL },
	{ "M-a", "activity", N_("next conversation with something new, best first") },
	{ "M-1", "go 1", N_("conversation 1 to 10 of the list") },
	{ "M-2", "go 2", NULL },
	{ "M-3", "go 3", NULL },
	{ "M-4", "go 4", NULL },
	{ "M-5", "go 5", NULL },
	{ "M-6", "go 6", NULL },
	{ "M-7", "go 7", NULL },
	{ "M-8", "go 8", NULL },
	{ "M-9", "go 9", NULL },
	{ "M-0", "go 10", NULL },
	{ "C-n", "next", N_("next conversation") },
	{ "C-p", "prev", N_("previous conversation") },
	{ "M-/", "last", N_("the conversation before this one") },
	{ "M-u", "unread-line", N_("first unread message") },
	{ "PgUp", "scroll up", N_("a page up, a page down") },
	{ "PgDn", "scroll down", NULL },
	{ "WheelUp", "scroll up 3", N_("three lines up, three lines down") },
	{ "WheelDown", "scroll down 3", NULL },
	{ "M-Home", "scroll top", N_("the oldest message, the newest message") },
	{ "M-End", "scroll bottom", NULL },
	{ "C-c", "stop", N_("stop what runs, else clear the line") },
	{ "C-l", "redraw", N_("draw the screen anew") },
	{ "F1", "help", N_("this help, and back") },
	{ "Esc", "close", N_("close what lies over the conversation") },
	{ "C-d", "quit", N_("leave, when the line is empty"), true },
	{ "C-z", "suspend", N_("back to the shell; fg returns") },
	{ NULL, NULL, NULL },
};

const struct key_row *
keys_find(const char *key)
{
	for (const struct key_row *r = key_table; r->key; r++) {
		if (strcmp(r->key, key) == 0)
			return r;
	}
	return NULL;
}

/* "M-a" is "Alt-A" for people; what is no modifier stays. */
static void
add_name(struct buf *out, const char *key)
{
	for (;;) {
		if (strncmp(key, "M-", 2) == 0 && key[2])
			buf_adds(out, "Alt-");
		else if (strncmp(key, "C-", 2) == 0 && key[2])
			buf_adds(out, "Ctrl-");
		else
			break;
		key += 2;
	}
	if (strncmp(key, "Wheel", 5) == 0)
		buf_adds(out, _("mouse wheel"));
	else if (strlen(key) == 1 && *key >= 'a' && *key <= 'z' && out->n > 0 &&
			strcmp(out->p + (out->n > 5 ? out->n - 5 : 0), "Ctrl-") == 0)
		buf_addc(out, *key - 'a' + 'A');
	else
		buf_adds(out, key);
}

#define NAME_COLUMNS 24

static void
add_row(struct buf *out, const struct key_row *r)
{
	struct buf names;
	size_t width;

	buf_init(&names, 256);
	add_name(&names, r->key);
	if (r[1].key && !r[1].help && strncmp(r->key, "Wheel", 5) != 0) {
		const struct key_row *last = r + 1;

		while (last[1].key && !last[1].help)
			last++;
		buf_adds(&names, last - r > 2 ? " … " : ", ");
		add_name(&names, last->key);
	}
	width = text_width(names.p, names.n);
	buf_addf(out, "  %s%*s  %s\n", names.p,
			width < NAME_COLUMNS ? (int)(NAME_COLUMNS - width) : 0, "", _(r->help));
	buf_done(&names);
}

void
keys_help(struct buf *out)
{
	for (const struct key_row *r = key_table; r->key; r++) {
		if (r->help)
			add_row(out, r);
	}
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which command line each key stands for: one row a key, and the rows that the person binds; help
 * is made from them. */
#include "ui/keys.h"

#include <stdlib.h>
#include <string.h>

#include "base/arr.h"
#include "base/i18n.h"
#include "base/mem.h"
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
	{ .key = NULL },
};

#define KEYS_MAX 200
#define NAME_MAX_BYTES 15	/* of struct stroke */

/* Rows point into strings, or into the table. */
struct keys { arr(struct key_row) rows; arr(char *) strings; };

struct keys *
keys_new(void)
{
	struct keys *k = xcalloc(1, sizeof *k);

	for (const struct key_row *r = key_table; r->key; r++)
		arr_push(&k->rows, *r);
	return k;
}

void
keys_free(struct keys *k)
{
	if (!k)
		return;
	for (size_t i = 0; i < k->strings.n; i++)
		free(k->strings.v[i]);
	arr_done(&k->strings);
	arr_done(&k->rows);
	free(k);
}

const struct key_row *
keys_find(const struct keys *k, const char *key)
{
	for (size_t i = 0; i < k->rows.n; i++) {
		if (strcmp(k->rows.v[i].key, key) == 0)
			return &k->rows.v[i];
	}
	return NULL;
}

/* Takes one modifier off the start of *key. */
static bool
take_modifier(const char **key, struct buf *out)
{
	static const struct { const char *name, *as; } rows[] = {
		{ "Ctrl-", "C-" }, { "C-", "C-" }, { "Alt-", "M-" }, { "Meta-", "M-" },
		{ "M-", "M-" }, { "Shift-", "S-" }, { "S-", "S-" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		size_t n = strlen(rows[i].name);

		if (strncmp(*key, rows[i].name, n) == 0 && (*key)[n]) {
			buf_adds(out, rows[i].as);
			*key += n;
			return true;
		}
	}
	return false;
}

/* "Ctrl-N" is "C-n" and "Alt-a" "M-a"; names that are longer stay. NULL when there can be no such
 * key; the caller frees. */
static char *
plain_name(const char *key)
{
	struct buf b;
	bool has_control;

	buf_init(&b, 64);
	while (b.n < NAME_MAX_BYTES && take_modifier(&key, &b))
		;
	has_control = b.n > 0 && strstr(buf_str(&b), "C-");
	if (!*key || b.n + strlen(key) > NAME_MAX_BYTES || strpbrk(key, " \t") ||
			(b.n == 0 && strlen(key) == 1) ||
			(key[1] && key[strlen(key) - 1] == '-')) {
		buf_done(&b);
		return NULL;
	}
	if (has_control && strlen(key) == 1 && *key >= 'A' && *key <= 'Z')
		buf_addc(&b, *key - 'A' + 'a');
	else
		buf_adds(&b, key);
	return buf_take(&b);
}

/* What help said of a key that goes, it says of the next one of the same sort. */
static void
unbind(struct keys *k, const char *key)
{
	for (size_t i = 0; i < k->rows.n; i++) {
		struct key_row *r = &k->rows.v[i];

		if (strcmp(r->key, key) != 0)
			continue;
		if (r->help && i + 1 < k->rows.n && !r[1].help && !r[1].is_own)
			r[1].help = r->help;
		arr_remove(&k->rows, i);
		return;
	}
}

bool
keys_bind(struct keys *k, const char *key, const char *command, struct err *err)
{
	char *name = plain_name(key), *line;

	if (!name)
		return err_set(err, ERR_USAGE, _("%.40s is no key: names are like Ctrl-N, Alt-a, "
				"F2 or PgUp"), key);
	if (k->strings.n >= 2 * KEYS_MAX) {
		free(name);
		return err_set(err, ERR_USAGE, _("more than %d keys are bound"), KEYS_MAX);
	}
	unbind(k, name);
	arr_push(&k->strings, name);
	if (*command == '\0')
		return true;
	line = xstrdup(command + (*command == '/'));
	arr_push(&k->strings, line);
	arr_push(&k->rows, ((struct key_row){ .key = name, .command = line, .is_own = true }));
	return true;
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

/* Is row i told by the one before it? */
static bool
is_told(const struct keys *k, size_t i)
{
	return i < k->rows.n && !k->rows.v[i].help && !k->rows.v[i].is_own;
}

static void
add_row(const struct keys *k, struct buf *out, size_t i)
{
	const struct key_row *r = &k->rows.v[i];
	size_t last = i, width;
	struct buf names;

	buf_init(&names, 256);
	add_name(&names, r->key);
	while (!r->is_own && is_told(k, last + 1))
		last++;
	if (last > i && strncmp(r->key, "Wheel", 5) != 0) {
		buf_adds(&names, last - i > 2 ? " … " : ", ");
		add_name(&names, k->rows.v[last].key);
	}
	width = text_width(names.p, names.n);
	buf_addf(out, "  %s%*s  %s%s\n", names.p,
			width < NAME_COLUMNS ? (int)(NAME_COLUMNS - width) : 0, "",
			r->is_own ? "/" : "", r->is_own ? r->command : _(r->help));
	buf_done(&names);
}

void
keys_help(const struct keys *k, struct buf *out)
{
	for (size_t i = 0; i < k->rows.n; i++) {
		if (!is_told(k, i))
			add_row(k, out, i);
	}
}

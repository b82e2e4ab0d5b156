/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a configuration file, as --set, and as a value written into a file. */
#include "base/conf.h"

#include <string.h>

#include "base/mem.h"
#include "fuzz.h"

static const struct conf_row rows[] = {
	{ .section = "ui", .key = "a", .type = CONF_ENUM, .fallback = "x", .choices = "x|yy" },
	{ .section = "ui", .key = "b", .type = CONF_BOOL, .fallback = "true" },
	{ .section = "ui", .key = "c", .type = CONF_STRING },
	{ .section = "ui", .key = "d", .type = CONF_INT, .fallback = "1", .min = 1, .max = 9 },
	{ .section = "ui", .key = "e", .type = CONF_PATH },
	{ .section = "n *", .key = "f", .type = CONF_COMMAND },
	{ .section = "k", .key = "*", .type = CONF_STRING },
	{ 0 },
};

static void
check_lookups(const struct conf *c)
{
	const char *name;

	must(conf_str(c, "ui", "a"));
	must(conf_int(c, "ui", "d") >= 1 && conf_int(c, "ui", "d") <= 9);
	conf_bool(c, "ui", "b");
	for (size_t i = 0; (name = conf_section(c, "n", i)); i++)
		must(*name);
	for (size_t i = 0; (name = conf_key(c, "k", i)); i++)
		must(conf_str(c, "k", name));
}

/* What may be written into a file that is good is read back; only a line can get too long. */
static void
check_edit(const char *text, const char *value)
{
	const struct conf_row *row = conf_find(rows, "ui", "c");
	struct err err = { 0 };
	struct conf *c;
	char *edited;

	if (!conf_check(row, value, NULL))
		return;
	edited = conf_edit(text, "ui", "c", value);
	c = conf_new(rows);
	if (conf_load_text(c, "f", edited, strlen(edited), &err))
		must(strcmp(conf_str(c, "ui", "c"), value) == 0);
	else
		must(strstr(err.msg, "a line has at most"));
	conf_free(c);
	free(edited);
	edited = conf_edit(text, "ui", "c", NULL);
	c = conf_new(rows);
	must(conf_load_text(c, "f", edited, strlen(edited), NULL));
	must(!conf_str(c, "ui", "c"));
	conf_free(c);
	free(edited);
}

/* The first line is an assignment, the last one a value, and everything is a file. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *text = xstrndup((const char *)data, n);
	char *first = xstrndup(text, strcspn(text, "\n"));
	const char *last = strrchr(text, '\n');
	struct conf *c = conf_new(rows);
	struct err err = { 0 };

	conf_set(c, first, &err);
	if (conf_load_text(c, "f", (const char *)data, n, &err))
		check_edit(text, last ? last + 1 : text);
	else
		must(err.kind == ERR_USAGE && strncmp(err.msg, "f:", 2) == 0);
	check_lookups(c);
	conf_free(c);
	free(first);
	free(text);
	return 0;
}

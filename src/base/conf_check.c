/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a value of the configuration may be, said so that a person can mend it. */
#include "base/conf_check.h"

#include <errno.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>

#include "base/args.h"
#include "base/i18n.h"
#include "base/utf8.h"

#define LINE_MAX_BYTES (INI_MAX_LINE - 3)	/* what inih reads in one piece */

/* A value on its way through the checks. */
struct check {
	const struct conf_row *row;
	const char *section, *key, *value;
	struct err *err;
};

/* "ui.theme" and the value, which is left out when it is a secret. */
static bool
refuse(const struct check *c, const char *allowed)
{
	if (c->row->secret)
		return err_set(c->err, ERR_USAGE, "%s.%s: %s", c->section, c->key, allowed);
	return err_set(c->err, ERR_USAGE, _("%s.%s = %s: %s"), c->section, c->key, c->value,
		       allowed);
}

static bool
check_int(const struct check *c)
{
	const struct conf_row *row = c->row;
	bool any = row->min == 0 && row->max == 0;
	struct err range = { 0 };
	const char *digits = c->value + (*c->value == '-');
	long long n;
	char *end;

	errno = 0;
	n = strtoll(c->value, &end, 10);
	if (*digits >= '0' && *digits <= '9' && !*end && errno == 0 &&
	    (any || (n >= row->min && n <= row->max)))
		return true;
	if (any)
		return refuse(c, _("it must be a whole number"));
	err_set(&range, ERR_USAGE, _("it must be a number from %lld to %lld"),
		(long long)row->min, (long long)row->max);
	return refuse(c, range.msg);
}

static bool
check_enum(const struct check *c)
{
	size_t len = strlen(c->value);
	struct err list = { 0 };

	for (const char *p = c->row->choices; *p;) {
		size_t n = strcspn(p, "|");

		if (n == len && memcmp(p, c->value, n) == 0)
			return true;
		p += n + (p[n] == '|');
	}
	err_set(&list, ERR_USAGE, _("it must be one of %s"), c->row->choices);
	return refuse(c, list.msg);
}

static bool
check_command(const struct check *c)
{
	struct err why = { 0 };
	char **words;
	int n;

	if (!words_split(c->value, &words, &n, &why))
		return refuse(c, why.msg);
	words_free(words, n);
	return n > 0 || refuse(c, _("it must be a command"));
}

static bool
has_control(const char *s)
{
	for (; *s; s++)
		if (utf8_is_control((unsigned char)*s) && (unsigned char)*s < 0x80)
			return true;
	return false;
}

bool
conf_check_value(const struct conf_row *row, const char *section, const char *key,
		 const char *value, struct err *err)
{
	const struct check c = { row, section, key, value, err };
	bool yes;

	if (!utf8_valid(value, strlen(value), NULL) || has_control(value))
		return err_set(err, ERR_USAGE, _("%s.%s: the value is not one line of UTF-8"),
			       section, key);
	switch (row->type) {
	case CONF_STRING:
		return true;
	case CONF_INT:
		return check_int(&c);
	case CONF_BOOL:
		return conf_parse_bool(value, &yes) || refuse(&c, _("it must be true or false"));
	case CONF_ENUM:
		return check_enum(&c);
	case CONF_PATH:
		return value[0] == '/' || (strncmp(value, "~/", 2) == 0 && getenv("HOME")) ||
		       refuse(&c, _("it must be a path that begins with / or ~/"));
	case CONF_COMMAND:
		return check_command(&c);
	}
	return false;
}

/* True if value can stand behind "key = " and be read back as it is. */
static bool
is_writable(const struct conf_row *row, const char *value)
{
	size_t n = strlen(value);

	if (value[0] == ' ' || value[0] == ';' || (n && value[n - 1] == ' '))
		return false;
	return !strstr(value, " ;") && strlen(row->key) + strlen(" = ") + n <= LINE_MAX_BYTES;
}

bool
conf_check(const struct conf_row *row, const char *value, struct err *err)
{
	if (!conf_check_value(row, row->section, row->key, value, err))
		return false;
	if (!is_writable(row, value))
		return err_set(err, ERR_USAGE, _("%s.%s: a file cannot hold this value (over %d"
			" bytes, blanks at an end, or a \";\" that begins a comment)"),
			row->section, row->key, LINE_MAX_BYTES);
	return true;
}

bool
conf_parse_bool(const char *s, bool *yes)
{
	static const char *const words[][2] = {
		{ "false", "true" }, { "no", "yes" }, { "off", "on" }, { "0", "1" },
	};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		for (size_t k = 0; k < 2; k++) {
			if (strcmp(s, words[i][k]) != 0)
				continue;
			*yes = k == 1;
			return true;
		}
	}
	return false;
}

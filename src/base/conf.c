/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration: what files and --set say, and how options are looked up. */
#include "base/conf.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/args.h"
#include "base/arr.h"
#include "base/conf_check.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/utf8.h"

#define CONF_FILE_MAX (1 << 20)
#define CONF_SECTION_MAX 49	/* inih cuts a longer name without a word */

struct entry { char *section, *key, *value; };

/* One source of options. The last entry wins, so a text that fails is taken back by cutting. */
struct layer {
	arr(struct entry) entries;
	arr(char *) sections;	/* in order, each once */
};

struct conf {
	const struct conf_row *rows;
	struct layer file, set;	/* set wins */
};

struct conf *
conf_new(const struct conf_row *rows)
{
	struct conf *c = xcalloc(1, sizeof *c);

	c->rows = rows;
	return c;
}

/* Keeps the first entries and sections. */
static void
layer_cut(struct layer *l, size_t entries, size_t sections)
{
	while (l->entries.n > entries) {
		struct entry *e = &l->entries.v[--l->entries.n];

		free(e->section);
		free(e->key);
		free(e->value);
	}
	while (l->sections.n > sections)
		free(l->sections.v[--l->sections.n]);
}

void
conf_free(struct conf *c)
{
	if (!c)
		return;
	layer_cut(&c->file, 0, 0);
	layer_cut(&c->set, 0, 0);
	arr_done(&c->file.entries);
	arr_done(&c->file.sections);
	arr_done(&c->set.entries);
	arr_done(&c->set.sections);
	free(c);
}

static bool
layer_has_section(const struct layer *l, const char *section)
{
	for (size_t i = 0; i < l->sections.n; i++)
		if (strcmp(l->sections.v[i], section) == 0)
			return true;
	return false;
}

static void
layer_add_section(struct layer *l, const char *section)
{
	if (!layer_has_section(l, section))
		arr_push(&l->sections, xstrdup(section));
}

static const char *
layer_find(const struct layer *l, const char *section, const char *key)
{
	for (size_t i = l->entries.n; i-- > 0;) {
		const struct entry *e = &l->entries.v[i];

		if (strcmp(e->section, section) == 0 && strcmp(e->key, key) == 0)
			return e->value;
	}
	return NULL;
}

/* "account *" is for "account work", "ui" for "ui". */
static bool
section_matches(const char *pattern, const char *section)
{
	size_t n = strlen(pattern);

	if (n < 2 || strcmp(pattern + n - 2, " *") != 0)
		return strcmp(pattern, section) == 0;
	return strncmp(pattern, section, n - 1) == 0 && section[n - 1] &&
	       section[n - 1] != ' ';
}

const struct conf_row *
conf_find(const struct conf_row *rows, const char *section, const char *key)
{
	for (; rows->section; rows++)
		if (section_matches(rows->section, section) &&
		    (strcmp(rows->key, key) == 0 || strcmp(rows->key, "*") == 0))
			return rows;
	return NULL;
}

static bool
knows_section(const struct conf *c, const char *section)
{
	for (const struct conf_row *row = c->rows; row->section; row++)
		if (section_matches(row->section, section))
			return true;
	return false;
}

/* Says what is unknown, and what was probably meant. */
static bool
unknown_key(const struct conf *c, const char *section, const char *key, struct err *err)
{
	arr(const char *) keys = { 0 };
	const char *near;

	if (!knows_section(c, section))
		return err_set(err, ERR_USAGE, _("unknown section [%s]"), section);
	for (const struct conf_row *row = c->rows; row->section; row++)
		if (section_matches(row->section, section))
			arr_push(&keys, row->key);
	arr_push(&keys, NULL);
	near = words_nearest(key, keys.v);
	arr_done(&keys);
	if (near)
		return err_set(err, ERR_USAGE, _("unknown option %s.%s; did you mean %s?"),
			       section, key, near);
	return err_set(err, ERR_USAGE, _("unknown option %s.%s"), section, key);
}

/* A path below "~/" becomes absolute here, everything else stays as it is. */
static char *
final_value(const struct conf_row *row, const char *value)
{
	if (row->type == CONF_PATH && value[0] == '~')
		return xasprintf("%s%s", getenv("HOME"), value + 1);
	return xstrdup(value);
}

static bool
layer_take(struct layer *l, const struct conf *c, const char *section, const char *key,
	   const char *value, struct err *err)
{
	const struct conf_row *row = conf_find(c->rows, section, key);
	struct entry *e;

	if (!row)
		return unknown_key(c, section, key, err);
	if (!conf_check_value(row, section, key, value, err))
		return false;
	layer_add_section(l, section);
	e = arr_new(&l->entries);
	*e = (struct entry){ xstrdup(section), xstrdup(key), final_value(row, value) };
	return true;
}

/* A text on its way through inih. It calls back for every line that it wants and for every value
 * that it found; the first error stops it. */
struct reading {
	struct conf *c;
	const char *p, *end;
	int line;
	bool failed;
	struct err *err;
};

/* inih says nothing of empty sections and cuts long names: they are seen to here. */
static bool
read_section(struct reading *r, const char *line)
{
	const char *close = strchr(line, ']');
	char section[CONF_SECTION_MAX + 1];

	if (!close)
		return err_set(r->err, ERR_USAGE, _("a section needs a \"]\""));
	if (close - line - 1 > CONF_SECTION_MAX)
		return err_set(r->err, ERR_USAGE,
			       _("the name of a section has at most %d bytes"),
			       CONF_SECTION_MAX);
	memcpy(section, line + 1, (size_t)(close - line - 1));
	section[close - line - 1] = '\0';
	if (!knows_section(r->c, section))
		return err_set(r->err, ERR_USAGE, _("unknown section [%s]"), section);
	layer_add_section(&r->c->file, section);
	return true;
}

/* To inih all that isspace() knows is a blank: of controls, only a tab and the CR of CRLF pass. */
static bool
check_line(struct reading *r, const char *p, size_t n, size_t room)
{
	bool ok = utf8_valid(p, n, NULL);

	if (n > room)
		return err_set(r->err, ERR_USAGE, _("a line has at most %zu bytes"), room);
	for (size_t i = 0; ok && i < n; i++)
		ok = !utf8_is_control((unsigned char)p[i]) || (unsigned char)p[i] >= 0x80 ||
		     p[i] == '\t' || (p[i] == '\r' && i == n - 1);
	return ok || err_set(r->err, ERR_USAGE, _("the line is not UTF-8 text"));
}

/* fgets for inih. Blanks at the start are taken off: to inih an indented line goes on with the
 * value above, but people indent options below their section. */
static char *
read_line(char *out, int size, void *arg)
{
	struct reading *r = arg;
	const char *lf, *start;
	size_t n;

	if (r->failed || r->p == r->end)
		return NULL;
	r->line++;
	lf = memchr(r->p, '\n', (size_t)(r->end - r->p));
	n = (size_t)((lf ? lf : r->end) - r->p);
	/* the first line has no value above, and may begin with a byte order mark */
	while (r->line > 1 && n > 0 && (*r->p == ' ' || *r->p == '\t'))
		r->p++, n--;
	/* inih wants room for CR, LF and NUL */
	if (!check_line(r, r->p, n, (size_t)size - 3))
		goto fail;
	memcpy(out, r->p, n);
	out[n] = '\0';
	r->p += n + (lf != NULL);
	start = out;
	if (r->line == 1 && strncmp(start, "\xef\xbb\xbf", 3) == 0)
		start += 3;
	start += strspn(start, " \t");
	if (*start == '[' && !read_section(r, start))
		goto fail;
	return out;
fail:
	r->failed = true;
	return NULL;
}

static int
read_value(void *arg, const char *section, const char *key, const char *value)
{
	struct reading *r = arg;

	if (!*section)
		r->failed = !err_set(r->err, ERR_USAGE, _("\"%s\" stands before any [section]"),
				     key);
	else
		r->failed = !layer_take(&r->c->file, r->c, section, key, value, r->err);
	return 1;
}

bool
conf_load_text(struct conf *c, const char *name, const char *text, size_t n, struct err *err)
{
	size_t entries = c->file.entries.n, sections = c->file.sections.n;
	struct reading r = { .c = c, .p = text, .end = text + n, .err = err };
	int bad;

	if (n > CONF_FILE_MAX)
		return err_set(err, ERR_USAGE, _("%s is larger than %d bytes"), name,
			       CONF_FILE_MAX);
	bad = ini_parse_stream(read_line, &r, read_value, &r);
	if (bad > 0 && (!r.failed || bad < r.line)) {
		err_set(err, ERR_USAGE, _("neither \"[section]\" nor \"key = value\""));
		r.failed = true;
		r.line = bad;
	}
	if (!r.failed)
		return true;
	layer_cut(&c->file, entries, sections);
	return err_wrap(err, "%s:%d", name, r.line);
}

/* Reads the open file, at most one byte more than is allowed. */
static bool
load_fd(struct conf *c, const char *path, int fd, struct err *err)
{
	char *text = xmalloc(CONF_FILE_MAX + 1);
	size_t n = 0;
	ssize_t got = 1;
	bool ok;

	while (got > 0 && n <= CONF_FILE_MAX) {
		got = read(fd, text + n, CONF_FILE_MAX + 1 - n);
		if (got < 0 && errno == EINTR)
			got = 1;
		else if (got > 0)
			n += (size_t)got;
	}
	ok = got < 0 ? err_sys(err, ERR_FAIL, "%s", path) :
	     conf_load_text(c, path, text, n, err);
	free(text);
	return ok;
}

bool
conf_load(struct conf *c, const char *path, bool must_exist, struct err *err)
{
	/* a link is the person's own choice; O_NONBLOCK keeps a FIFO from stopping us */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	bool ok;

	if (fd < 0 && errno == ENOENT && !must_exist)
		return true;
	if (fd < 0 || fstat(fd, &st) < 0)
		ok = err_sys(err, ERR_USAGE, "%s", path);
	else if (!S_ISREG(st.st_mode))
		ok = err_set(err, ERR_USAGE, _("%s is not a regular file"), path);
	else if ((st.st_uid != geteuid() && st.st_uid != 0) || (st.st_mode & S_IWOTH))
		ok = err_set(err, ERR_USAGE, _("%s: others can change this file: it must be yours"
			" or root's, and not writable for everybody"), path);
	else
		ok = load_fd(c, path, fd, err);
	if (fd >= 0)
		close(fd);
	return ok;
}

void
conf_forget(struct conf *c)
{
	layer_cut(&c->file, 0, 0);
}

bool
conf_set(struct conf *c, const char *assignment, struct err *err)
{
	size_t n = strcspn(assignment, "=");
	char *section = xstrndup(assignment, n), *dot = strrchr(section, '.');
	bool ok;

	if (assignment[n] == '=' && dot && dot != section && dot[1]) {
		*dot = '\0';
		ok = layer_take(&c->set, c, section, dot + 1, assignment + n + 1, err);
	} else {
		ok = err_set(err, ERR_USAGE, _("\"%s\" is not SECTION.KEY=VALUE"), assignment);
	}
	free(section);
	return ok;
}

const char *
conf_str(const struct conf *c, const char *section, const char *key)
{
	const struct conf_row *row = conf_find(c->rows, section, key);
	const char *value = layer_find(&c->set, section, key);

	assert(row);
	if (!value)
		value = layer_find(&c->file, section, key);
	return value ? value : row->fallback;
}

int64_t
conf_int(const struct conf *c, const char *section, const char *key)
{
	const char *value = conf_str(c, section, key);

	/* checked when it was stored */
	return value ? strtoll(value, NULL, 10) : 0;
}

bool
conf_bool(const struct conf *c, const char *section, const char *key)
{
	const char *value = conf_str(c, section, key);
	bool yes = false;

	if (value)
		conf_parse_bool(value, &yes);
	return yes;
}

/* NAME of "prefix NAME", or NULL. */
static const char *
name_after(const char *section, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(section, prefix, n) == 0 && section[n] == ' ' ? section + n + 1 : NULL;
}

const char *
conf_section(const struct conf *c, const char *prefix, size_t i)
{
	const struct layer *const layers[] = { &c->file, &c->set };

	for (size_t k = 0; k < 2; k++) {
		for (size_t j = 0; j < layers[k]->sections.n; j++) {
			const char *section = layers[k]->sections.v[j];
			const char *name = name_after(section, prefix);

			/* those of --set that the file has too came before */
			if (!name || (k == 1 && layer_has_section(&c->file, section)))
				continue;
			if (i-- == 0)
				return name;
		}
	}
	return NULL;
}

const char *
conf_key(const struct conf *c, const char *section, size_t i)
{
	const struct layer *const layers[] = { &c->file, &c->set };

	for (size_t k = 0; k < 2; k++)
		for (size_t j = 0; j < layers[k]->entries.n; j++)
			if (strcmp(layers[k]->entries.v[j].section, section) == 0 && i-- == 0)
				return layers[k]->entries.v[j].key;
	return NULL;
}

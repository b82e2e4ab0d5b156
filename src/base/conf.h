/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration: INI text checked against a table of rows. Both programs read theirs this way. */
#ifndef BASE_CONF_H
#define BASE_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum conf_type { CONF_STRING, CONF_INT, CONF_BOOL, CONF_ENUM, CONF_PATH, CONF_COMMAND };

/* One option: "section.key". A section of "account *" means every section "[account NAME]"; a key
 * of "*" means every key of the section ("[keys]"), read with conf_key. */
struct conf_row {
	const char *section, *key;
	enum conf_type type;
	const char *fallback;		/* as text; NULL: unset */
	int64_t min, max;		/* CONF_INT; both 0: any */
	const char *choices;		/* CONF_ENUM: "a|b|c" */
	const char *help;		/* N_() */
	bool secret;			/* never printed */
};

struct conf;

/* rows end with a NULL section and must outlive the conf. */
struct conf *conf_new(const struct conf_row *rows);
void conf_free(struct conf *c);
/* Reads INI text; unknown keys and bad values are errors that name file, line, key and what is
 * allowed, and then nothing of the text counts. Of a key that stands twice the last one counts.
 * The file is a regular one of ours or of root's that not everybody may write to; at most 1 MiB,
 * lines of at most 197 bytes, sections of 49. */
bool conf_load(struct conf *c, const char *path, bool must_exist, struct err *err);
bool conf_load_text(struct conf *c, const char *name, const char *text, size_t n, struct err *err);
/* Forgets what files said, before they are read anew; what conf_set set stays. */
void conf_forget(struct conf *c);
/* "--set SECTION.KEY=VALUE"; for named sections "account NAME.key=value". Wins over the file,
 * whenever it is called. */
bool conf_set(struct conf *c, const char *assignment, struct err *err);

/* section is the whole name as in the file ("account work"). The row must exist: an unknown one
 * is our bug. Unset: the fallback, and without one NULL, 0 or false. A path is absolute: "~/" was
 * replaced by the home folder. Borrowed until the next load or set. */
const char *conf_str(const struct conf *c, const char *section, const char *key);
int64_t conf_int(const struct conf *c, const char *section, const char *key);
bool conf_bool(const struct conf *c, const char *section, const char *key);
/* The i-th section (in file order) whose name is prefix + " " + NAME; returns NAME, NULL after
 * the last. */
const char *conf_section(const struct conf *c, const char *prefix, size_t i);
/* The i-th key that section has, for rows with the key "*"; NULL after the last. A key that stands
 * twice comes twice; conf_str gives the value that counts. */
const char *conf_key(const struct conf *c, const char *section, size_t i);

/* The row that a person named "section.key", or NULL. */
const struct conf_row *conf_find(const struct conf_row *rows, const char *section, const char *key);
/* Checks value against row without storing it, and that conf_edit can write it: no line feeds,
 * no blanks at its ends, no ";" after a blank, which would begin a comment. */
bool conf_check(const struct conf_row *row, const char *value, struct err *err);
/* The text of an INI file with section.key set to value (NULL: removed): comments and order are
 * kept; a missing section is added at the end. The caller frees. */
char *conf_edit(const char *text, const char *section, const char *key, const char *value);

#endif

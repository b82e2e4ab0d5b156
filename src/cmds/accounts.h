/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which accounts there are, and which is meant when none is named. The same for front and engine.
 * */
#ifndef CMDS_ACCOUNTS_H
#define CMDS_ACCOUNTS_H

#include <stdbool.h>
#include <stddef.h>

struct conf;
struct paths;

#define ACCOUNT_LOCAL "local"
#define ACCOUNT_ARCHIVE "archive"	/* imported history: no server, nothing is sent */

/* The names in order, ended by NULL: as configured, then "local" when there is no other account,
 * or it has messages, then "archive" when it has some. Free with accounts_free. */
char **accounts_list(const struct conf *conf, const struct paths *paths);
void accounts_free(char **names);
/* Configured, or "local" or "archive", which can always be named. */
bool accounts_exists(const struct conf *conf, const char *name);
/* Is it one of the two that no configuration describes? */
bool accounts_built_in(const char *name);
/* The one meant when none is named. Borrowed from conf. */
const char *accounts_default(const struct conf *conf);
/* "[a-z0-9._-]{1,32}" and not a name that means something else below the data directory. */
bool accounts_name_valid(const char *name);
/* The folder of its mirror; the caller frees. */
char *accounts_dir(const struct paths *paths, const char *name);

#endif

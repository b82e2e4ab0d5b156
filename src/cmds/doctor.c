/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The checks of doctor that need no engine. */
#include "cmds/doctor.h"

#include <langinfo.h>
#include <locale.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/text.h"
#include "base/utf8.h"
#include "cmds/accounts.h"
#include "cmds/cmd.h"
#include "cmds/print.h"
#include "store/check.h"
#include "store/reader.h"

#define FREE_WARN_MB 200
#define FREE_FAIL_MB 20
#define STUCK_MS (10 * 60 * 1000)	/* a row that waits for longer is worth a word */

void
doctor_row(struct doctor *d, enum verdict verdict, const char *check, const char *mend,
		const char *fmt, ...)
{
	static const char *const words[] = { "ok", "warn", "fail" };
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	text[utf8_cut(text, strlen(text))] = '\0';
	d->fails += verdict == DOCTOR_FAIL;
	if (d->run->ctx->json) {
		buf_addc(&d->out, '{');
		print_member(&d->out, "check", check);
		print_member(&d->out, "state", words[verdict]);
		print_member(&d->out, "text", text);
		print_member(&d->out, "mend", mend ? mend : "");
		buf_adds(&d->out, "}\n");
		return;
	}
	buf_addf(&d->out, "%-4s  %s: ", words[verdict], check);
	text_clean(&d->out, text, strlen(text), true);
	if (mend) {
		buf_adds(&d->out, ": ");
		text_clean(&d->out, mend, strlen(mend), true);
	}
	buf_addc(&d->out, '\n');
}

/* --- the machine --- */

static void
check_configuration(struct doctor *d)
{
	const struct cmd_ctx *c = d->run->ctx;

	if (c->broken.kind != ERR_NONE)
		doctor_row(d, DOCTOR_FAIL, "configuration", _("stonechat config edit"), "%s",
				c->broken.msg);
	else if (access(c->paths->config, F_OK) != 0)
		doctor_row(d, DOCTOR_OK, "configuration", NULL, _("%s is not there: everything "
				"has its default"), c->paths->config);
	else
		doctor_row(d, DOCTOR_OK, "configuration", NULL, "%s", c->paths->config);
}

static void
check_folder(struct doctor *d, const char *path)
{
	const struct passwd *pw;
	struct stat st;

	if (stat(path, &st) != 0) {
		doctor_row(d, DOCTOR_OK, "data", NULL, _("%s is made when it is needed"), path);
		return;
	}
	if (!S_ISDIR(st.st_mode)) {
		doctor_row(d, DOCTOR_FAIL, "data", _("choose another place with --data"),
				_("%s is no folder"), path);
	} else if (st.st_uid != geteuid()) {
		pw = getpwuid(st.st_uid);
		doctor_row(d, DOCTOR_FAIL, "data", _("run as that user, or choose another place "
				"with --data"), _("%s belongs to %s"), path,
				pw ? pw->pw_name : "?");
	} else if ((st.st_mode & 0777) != 0700) {
		char *mend = xasprintf("chmod 700 %s", path);

		doctor_row(d, (st.st_mode & 0700) != 0700 || (st.st_mode & 0002) ? DOCTOR_FAIL :
				DOCTOR_WARN, "data", mend, _("%s has mode %04o"), path,
				(unsigned)(st.st_mode & 07777));
		free(mend);
	} else {
		doctor_row(d, DOCTOR_OK, "data", NULL, "%s", path);
	}
}

/* The nearest folder above that is there; the caller frees. */
static char *
existing(const char *path)
{
	char *at = xstrdup(path), *slash;

	while (access(at, F_OK) != 0 && (slash = strrchr(at, '/')) && slash != at)
		*slash = '\0';
	return at;
}

static void
check_disk(struct doctor *d, const char *path)
{
	char *at = existing(path);
	struct statvfs fs;
	long long mb;

	if (path_is_network_fs(at))
		doctor_row(d, DOCTOR_FAIL, "file system", _("use --data with a folder on a local "
				"disk"), _("%s lies on a network file system, where a mirror "
				"would be corrupted"), at);
	else
		doctor_row(d, DOCTOR_OK, "file system", NULL, _("a local one"));
	if (statvfs(at, &fs) == 0) {
		mb = (long long)fs.f_bavail * (long long)fs.f_frsize / 1000000;
		doctor_row(d, mb < FREE_FAIL_MB ? DOCTOR_FAIL : mb < FREE_WARN_MB ? DOCTOR_WARN :
				DOCTOR_OK, "disk", mb < FREE_WARN_MB ? _("make room") : NULL,
				_("%lld MB free"), mb);
	}
	free(at);
}

static void
check_program(struct doctor *d, const char *name)
{
	struct err err;
	char *path = path_program(name, &err);

	if (path)
		doctor_row(d, DOCTOR_OK, name, NULL, "%s", path);
	else
		doctor_row(d, DOCTOR_FAIL, name, _("install it, or name its folder in "
				"STONECHAT_LIBEXEC"), "%s", err.msg);
	free(path);
}

void
doctor_machine(struct doctor *d)
{
	const struct paths *paths = d->run->ctx->paths;
	bool has_search;
	const char *sqlite = check_sqlite(&has_search);
	size_t before;

	check_configuration(d);
	before = d->fails;
	check_folder(d, paths->data);
	check_disk(d, paths->data);
	d->is_unfit = d->fails > before;
	check_program(d, "stonechat-engine");
	check_program(d, "stonechatd");
	if (has_search)
		doctor_row(d, DOCTOR_OK, "sqlite", NULL, _("%s with FTS5"), sqlite);
	else
		doctor_row(d, DOCTOR_FAIL, "sqlite", _("install an SQLite that has it"),
				_("%s lacks FTS5, the full-text search"), sqlite);
}

/* --- the terminal --- */

/* Is there a terminfo entry? Folders as ncurses on this system looks in them. */
static bool
has_entry(const char *term)
{
	const char *home = getenv("HOME"), *own = getenv("TERMINFO");
	char *mine = xasprintf("%s/.terminfo", home ? home : "");
	const char *dirs[] = { own, mine, "/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo",
		"/usr/lib/terminfo", "/usr/local/share/terminfo" };
	bool found = false;

	for (size_t i = 0; i < sizeof dirs / sizeof *dirs && !found; i++) {
		char *path = dirs[i] ? xasprintf("%s/%c/%s", dirs[i], *term, term) : NULL;

		found = path && access(path, R_OK) == 0;
		free(path);
	}
	free(mine);
	return found;
}

static void
check_colors(struct doctor *d, const char *term)
{
	const char *no_color = getenv("NO_COLOR"), *color = getenv("COLORTERM");
	char *direct = xstrndup(term, strcspn(term, "-"));
	char *entry = xasprintf("%s-direct", direct);

	if (no_color && *no_color)
		doctor_row(d, DOCTOR_OK, "colours", NULL, _("off, NO_COLOR is set"));
	else if (!color || (strcmp(color, "truecolor") != 0 && strcmp(color, "24bit") != 0))
		doctor_row(d, DOCTOR_OK, "colours", NULL, strstr(term, "256") ? _("256") :
				_("those of %s"), term);
	else if (has_entry(entry))
		doctor_row(d, DOCTOR_OK, "colours", NULL, _("24 bits (%s)"), entry);
	else
		doctor_row(d, DOCTOR_WARN, "colours", _("install the package ncurses-term"),
				_("COLORTERM promises 24 bits, but there is no terminfo entry %s"),
				entry);
	free(entry);
	free(direct);
}

void
doctor_terminal(struct doctor *d)
{
	const char *term = getenv("TERM"), *codeset;

	setlocale(LC_CTYPE, "");
	codeset = nl_langinfo(CODESET);
	if (strcmp(codeset, "UTF-8") == 0)
		doctor_row(d, DOCTOR_OK, "locale", NULL, "%s", codeset);
	else
		doctor_row(d, DOCTOR_WARN, "locale", _("export LC_ALL=C.UTF-8"),
				_("the character set is %s, not UTF-8"), codeset);
	if (!term || !*term || strcmp(term, "dumb") == 0 || strchr(term, '/')) {
		doctor_row(d, DOCTOR_WARN, "terminal", _("set TERM to what the terminal is"),
				_("TERM is \"%s\": no screen"), term ? term : "");
	} else if (!has_entry(term)) {
		doctor_row(d, DOCTOR_WARN, "terminal", _("install the package ncurses-term, or "
				"set TERM to one that is there"), _("no terminfo entry for %s"),
				term);
	} else {
		doctor_row(d, DOCTOR_OK, "terminal", NULL, "%s", term);
		check_colors(d, term);
	}
}

/* --- accounts --- */

static void
check_token(struct doctor *d, const char *check, const char *account)
{
	char *section = xasprintf("account %s", account), *mend;
	const char *file = conf_str(d->run->ctx->conf, section, "token_file");
	struct stat st;

	if (file && stat(file, &st) != 0) {
		doctor_row(d, DOCTOR_FAIL, check, _("put the token there, or name another file "
				"with token_file"), _("%s cannot be read"), file);
	} else if (file && (st.st_mode & 0077)) {
		mend = xasprintf("chmod 600 %s", file);
		doctor_row(d, DOCTOR_WARN, check, mend, _("others may read the token in %s"),
				file);
		free(mend);
	}
	free(section);
}

struct faults { struct doctor *d; const char *check; };

static bool
on_fault(void *arg, const struct check_fault *f)
{
	struct faults *faults = arg;

	doctor_row(faults->d, DOCTOR_FAIL, faults->check, _("stonechat verify --mend"), "%s",
			f->text);
	return false;		/* one says enough */
}

struct stuck { size_t refused, waiting; int64_t now; };

static bool
on_queued(void *arg, const struct outbox_row *o)
{
	struct stuck *s = arg;

	if (o->state == OUTBOX_REFUSED || o->state == OUTBOX_EXPIRED)
		s->refused++;
	else if (o->created_ms < s->now - STUCK_MS)
		s->waiting++;
	return true;
}

static void
check_outbox(struct doctor *d, const char *check, struct reader *reader)
{
	struct stuck s = { .now = clock_wall_ms() };
	struct err err;

	if (!reader_outbox(reader, NULL, on_queued, &s, &err))
		doctor_row(d, DOCTOR_FAIL, check, NULL, "%s", err.msg);
	if (s.refused)
		doctor_row(d, DOCTOR_WARN, check, _("stonechat outbox, then retry or drop"),
				ngettext("%zu message was refused", "%zu messages were refused",
				s.refused), s.refused);
	if (s.waiting)
		doctor_row(d, DOCTOR_WARN, check, _("stonechat sync"),
				ngettext("%zu message waits since more than ten minutes",
				"%zu messages wait since more than ten minutes", s.waiting),
				s.waiting);
}

void
doctor_account(struct doctor *d, const char *account)
{
	const struct cmd_ctx *c = d->run->ctx;
	char *check = xasprintf("mirror %s", account), *outbox = xasprintf("outbox %s", account);
	char *token = xasprintf("token %s", account);
	struct faults faults = { d, check };
	size_t before = d->fails;
	struct reader *reader;
	struct err err;

	if (strcmp(account, ACCOUNT_LOCAL) != 0)
		check_token(d, token, account);
	reader = c->mirror(d->run->ctx, account, &err);
	if (!reader && err.kind == ERR_USAGE) {
		doctor_row(d, DOCTOR_OK, check, NULL, "%s", err.msg);
	} else if (!reader || !check_mirror(reader, on_fault, &faults, &err)) {
		doctor_row(d, DOCTOR_FAIL, check, NULL, "%s", err.msg);
	} else if (d->fails == before) {
		doctor_row(d, DOCTOR_OK, check, NULL, _("sound"));
	}
	if (reader)
		check_outbox(d, outbox, reader);
	free(token);
	free(outbox);
	free(check);
}

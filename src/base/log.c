/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log: whole lines, each in one write, so that threads and processes may share the file. */
#include "base/log.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/utf8.h"

#define LOG_FILE_MAX (8 << 20)
#define LOG_LINE_MAX 4096	/* bytes; what is longer is cut */

struct log {
	char *path;		/* NULL: standard error */
	int fd;
	enum log_level least;
};

static const char *const level_names[] = { "debug", "info", "warn", "error" };

struct log *
log_open(const char *path, enum log_level least, struct err *err)
{
	int fd = STDERR_FILENO;
	struct log *log;

	if (path)
		fd = path_open(path, O_WRONLY | O_APPEND | O_CREAT, err);
	if (fd < 0)
		return NULL;
	log = xmalloc(sizeof *log);
	*log = (struct log){ .path = xstrdup(path), .fd = fd, .least = least };
	return log;
}

void
log_close(struct log *log)
{
	if (!log)
		return;
	if (log->path)
		close(log->fd);
	free(log->path);
	free(log);
}

/* Moves a full file away. Another process may have done so already: then the file at path is not
 * ours any more, and it is enough to open that. */
static void
log_rotate(struct log *log)
{
	struct stat ours, theirs;
	char *old;
	int fd;

	if (fstat(log->fd, &ours) < 0 || ours.st_size < LOG_FILE_MAX)
		return;
	if (stat(log->path, &theirs) == 0 && ours.st_ino == theirs.st_ino &&
	    ours.st_dev == theirs.st_dev) {
		old = xasprintf("%s.1", log->path);
		rename(log->path, old);
		free(old);
	}
	fd = path_open(log->path, O_WRONLY | O_APPEND | O_CREAT, NULL);
	if (fd < 0)
		return;
	close(log->fd);
	log->fd = fd;
}

/* Adds one character, or a bad byte, so that it stays on its line and is harmless to the terminal
 * that it will be read on. False when the line is full. */
static bool
add_escaped(struct buf *line, const char *p, int len, uint32_t cp)
{
	if (len < 0)
		return buf_addf(line, "\\x%02x", (unsigned)(unsigned char)*p);
	if (utf8_is_control(cp) || utf8_is_bidi(cp))
		return buf_addf(line, "\\u%04x", (unsigned)cp);
	return buf_add(line, p, (size_t)len);
}

static void
add_text(struct buf *line, const char *s)
{
	size_t n = strlen(s);

	for (size_t i = 0; i < n;) {
		uint32_t cp;
		int len = utf8_next(s + i, n - i, &cp);

		if (!add_escaped(line, s + i, len, cp))
			return;
		i += len < 0 ? 1 : (size_t)len;
	}
}

void
log_put(struct log *log, enum log_level level, const char *module, const char *fmt, ...)
{
	char time[CLOCK_RFC3339_SIZE], text[LOG_LINE_MAX];
	struct buf line;
	va_list ap;

	if (!log || level < log->least)
		return;
	if (log->path)
		log_rotate(log);
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	clock_rfc3339(clock_wall_ms(), time);
	buf_init(&line, LOG_LINE_MAX);
	buf_addf(&line, "%s %s %s ", time, level_names[level], module);
	/* room for the line feed */
	line.max--;
	add_text(&line, text);
	line.max++;
	buf_addc(&line, '\n');
	/* whom could we tell that the log cannot be written? */
	if (write(log->fd, line.p, line.n) < 0)
		(void)0;
	buf_done(&line);
}

bool
log_level_parse(const char *s, enum log_level *level)
{
	for (size_t i = 0; i < sizeof level_names / sizeof *level_names; i++) {
		if (strcmp(s, level_names[i]) == 0) {
			*level = (enum log_level)i;
			return true;
		}
	}
	return false;
}

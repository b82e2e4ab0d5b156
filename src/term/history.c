/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file of typed lines: one a line, line feeds and backslashes written as \n and \\. */
#include "term/history.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/utf8.h"

#define KEPT_MAX (256 * 1024)
#define FILE_MAX (1024 * 1024)

static void
give(const char *p, size_t n, void (*fn)(void *arg, const char *text), void *arg)
{
	char *text = xmalloc(n + 1);
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		if (p[i] == '\\' && i + 1 < n) {
			i++;
			text[k++] = p[i] == 'n' ? '\n' : p[i];
		} else {
			text[k++] = p[i];
		}
	}
	text[k] = '\0';
	if (k > 0 && utf8_valid(text, k, NULL) && strlen(text) == k)
		fn(arg, text);
	free(text);
}

/* The end of the file, from the beginning of a line on; the caller frees. */
static char *
read_end(const char *path, size_t *n, bool *too_large)
{
	struct stat st;
	int fd = path_open(path, O_RDONLY, NULL);
	off_t from;
	char *p;
	ssize_t got;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) != 0) {
		close(fd);
		return NULL;
	}
	*too_large = st.st_size > FILE_MAX;
	from = st.st_size > KEPT_MAX ? st.st_size - KEPT_MAX : 0;
	p = xmalloc(KEPT_MAX + 1);
	got = pread(fd, p, KEPT_MAX, from);
	close(fd);
	*n = got > 0 ? got : 0;
	p[*n] = '\0';
	if (from > 0) {
		char *first = memchr(p, '\n', *n);
		size_t cut = first ? (size_t)(first - p) + 1 : *n;

		memmove(p, p + cut, *n - cut + 1);
		*n -= cut;
	}
	return p;
}

void
history_load(const char *path, void (*fn)(void *arg, const char *text), void *arg)
{
	bool too_large = false;
	size_t n = 0, at = 0;
	char *p = read_end(path, &n, &too_large);

	if (!p)
		return;
	while (at < n) {
		char *end = memchr(p + at, '\n', n - at);
		size_t len = end ? (size_t)(end - p) - at : n - at;

		give(p + at, len, fn, arg);
		at += len + 1;
	}
	if (too_large)
		path_write(path, p, n, NULL);
	free(p);
}

void
history_append(const char *path, const char *text)
{
	struct buf b;
	int fd;

	buf_init(&b, KEPT_MAX);
	for (const char *p = text; *p; p++) {
		if (*p == '\n')
			buf_adds(&b, "\\n");
		else if (*p == '\\')
			buf_adds(&b, "\\\\");
		else
			buf_addc(&b, *p);
	}
	fd = buf_addc(&b, '\n') ? path_open(path, O_WRONLY | O_APPEND | O_CREAT, NULL) : -1;
	if (fd >= 0) {
		/* A full disk costs a line of history, nothing else. */
		ssize_t put = write(fd, b.p, b.n);

		(void)put;
		close(fd);
	}
	buf_done(&b);
}

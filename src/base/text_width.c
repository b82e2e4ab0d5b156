/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Grapheme clusters and their widths: the one rule of the whole program. */
#include "base/text.h"

#include <stdlib.h>
#include <utf8proc.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text_class.h"
#include "base/utf8.h"

#define CLUSTER_MAX 32		/* code points; longer ones are cut here */

#define ZWJ 0x200d
#define VS16 0xfe0f

/* A cluster as it is read. */
struct cluster {
	utf8proc_int32_t state;		/* of utf8proc's rules */
	uint32_t first, prev;
	int width;
};

/* UAX 29 puts cp behind prev into one cluster; false if a terminal would give it columns of its
 * own all the same, which then make a cluster of their own. Else the cluster's new width. */
static bool
cluster_takes(struct cluster *c, uint32_t cp)
{
	int columns = text_columns(cp);

	if (cp == VS16) {
		if (text_is_pictograph(c->prev) || text_is_keycap(c->prev))
			c->width = 2;
	} else if (columns == 0) {
		return true;
	} else if (text_is_spacing_mark(cp)) {
		if (c->width < 2)
			c->width++;
	} else if (text_is_skin_tone(cp) ? text_is_pictograph(c->prev) : c->prev == ZWJ ||
		   text_is_regional(cp)) {
		c->width = 2;
	} else {
		return false;
	}
	return true;
}

size_t
text_cluster(const char *p, size_t n, int *width)
{
	struct cluster c = { 0 };
	size_t at;
	int len = utf8_next(p, n, &c.first);

	at = (size_t)abs(len);
	c.prev = c.first;
	c.width = text_columns(c.first);
	for (int i = 1; len > 0 && i < CLUSTER_MAX && at < n; i++) {
		uint32_t cp;

		if ((unsigned char)p[at] < 0x80)
			break;
		len = utf8_next(p + at, n - at, &cp);
		if (len < 0 || text_is_simple(cp) ||
		    utf8proc_grapheme_break_stateful((utf8proc_int32_t)c.prev,
						     (utf8proc_int32_t)cp, &c.state) ||
		    !cluster_takes(&c, cp))
			break;
		c.prev = cp;
		at += (size_t)len;
	}
	if (width)
		*width = c.width;
	return at;
}

/* How many clusters from the start are one printable ASCII character each. */
static size_t
plain_run(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && p[i] >= 0x20 && p[i] < 0x7f)
		i++;
	/* the last one may carry a mark */
	return i && i < n && (unsigned char)p[i] >= 0x80 ? i - 1 : i;
}

size_t
text_fit(const char *p, size_t n, size_t cols, size_t *used)
{
	size_t at = 0, have = 0;

	while (at < n) {
		size_t run = plain_run(p + at, n - at), len;
		int width;

		if (run > cols - have)
			run = cols - have;
		at += run;
		have += run;
		if (at == n)
			break;
		len = text_cluster(p + at, n - at, &width);
		if ((size_t)width > cols - have)
			break;
		at += len;
		have += (size_t)width;
	}
	if (used)
		*used = have;
	return at;
}

size_t
text_width(const char *p, size_t n)
{
	size_t used;

	text_fit(p, n, SIZE_MAX, &used);
	return used;
}

/* A copy in which every bad part is U+FFFD. */
static char *
mended(const char *p, size_t n, size_t *len)
{
	struct buf b;

	buf_init(&b, n * 3);
	for (size_t at = 0; at < n;) {
		uint32_t cp;
		int k = utf8_next(p + at, n - at, &cp);

		if (k > 0)
			buf_add(&b, p + at, (size_t)k);
		else
			buf_adds(&b, "\ufffd");
		at += (size_t)abs(k);
	}
	*len = b.n;
	return buf_take(&b);
}

static char *
fold_ascii(const char *p, size_t n)
{
	char *out = xmalloc(n + 1);

	for (size_t i = 0; i < n; i++)
		out[i] = p[i] >= 'A' && p[i] <= 'Z' ? (char)(p[i] + ('a' - 'A')) : p[i];
	out[n] = '\0';
	return out;
}

char *
text_fold(const char *p, size_t n)
{
	utf8proc_uint8_t *out = NULL;
	char *whole;

	if (utf8_ascii(p, n) == n)
		return fold_ascii(p, n);
	whole = mended(p, n, &n);
	if (utf8proc_map((const utf8proc_uint8_t *)whole, (utf8proc_ssize_t)n, &out,
			 UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD) < 0)
		abort();	/* out of memory: the text is valid */
	free(whole);
	return (char *)out;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text that may be shown: the sanitiser, grapheme clusters and their widths. No byte from
 * elsewhere reaches a terminal but through here; drawing takes struct safe_text and nothing
 * else. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

/* Valid UTF-8 in which nothing is left that a terminal would obey. Only the functions below make
 * one. Zero is empty. */
struct safe_text {
	const char *p;		/* ended by NUL; owned */
	size_t n;		/* bytes */
	/* invisible characters that were taken out (the badge "[N hidden]") */
	unsigned hidden;
	/* text_name only: letters of several scripts that look alike (UTS 39) */
	bool mixed;
};

/* A message body: line feeds stay, everything else of the display rules (stonechat-protocol(7),
 * GUARANTEES) applies. */
struct safe_text text_body(const char *p, size_t n);
/* One line: as a body, but LF and CR are shown as pictures too, bidi controls escaped. For names,
 * topics, errors, URLs, approvals. */
struct safe_text text_name(const char *p, size_t n);
/* The program's own words (a literal or a translation, printf): sanitised as a name all the
 * same. */
struct safe_text text_own(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void text_done(struct safe_text *t);

/* Body rules into a buffer (batch output), or those of a name; returns the number of hidden
 * characters. What exceeds out->max (at most 8 n is needed) is cut off between characters. */
unsigned text_clean(struct buf *out, const char *p, size_t n, bool one_line);

/* For a model: bad parts replaced, controls and bidi controls shown (TAB, CR and LF stay),
 * invisible characters removed and counted, the rest kept as it is. Cut off as above. */
unsigned text_for_model(struct buf *out, const char *p, size_t n);

/* The length in bytes of the first grapheme cluster of p[n] (UAX 29, extended), n >= 1, and its
 * width in columns, 0 to 2: the one rule of the whole program (cluster width, VS16, ZWJ, flags).
 * Input must be valid UTF-8. width may be NULL. */
size_t text_cluster(const char *p, size_t n, int *width);
/* The columns of a whole run without line feeds. */
size_t text_width(const char *p, size_t n);
/* How many bytes from the start fit into cols columns, whole clusters only; *used (may be NULL)
 * are the columns taken. */
size_t text_fit(const char *p, size_t n, size_t cols, size_t *used);

/* NFC case-folded copy for comparing names and for searching; the caller frees. */
char *text_fold(const char *p, size_t n);

#endif

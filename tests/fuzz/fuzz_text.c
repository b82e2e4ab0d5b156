/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes through the sanitiser and the width rule. */
#include "base/text.h"

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "fuzz.h"

/* What comes out is valid, holds nothing that a terminal obeys, and needs no second cleaning. */
static void
check_safe(const struct safe_text *t, struct safe_text (*clean)(const char *, size_t), bool lf)
{
	struct safe_text again = clean(t->p, t->n);

	must(t->p[t->n] == '\0' && strlen(t->p) == t->n);
	for (size_t i = 0; i < t->n;) {
		uint32_t cp;
		int len = utf8_next(t->p + i, t->n - i, &cp);

		must(len > 0);
		must(!utf8_is_bidi(cp) && (!utf8_is_control(cp) || (lf && cp == '\n')));
		i += (size_t)len;
	}
	must(again.n == t->n && memcmp(again.p, t->p, t->n) == 0 && again.hidden == 0);
	text_done(&again);
}

/* Clusters cover the text, and every way to measure agrees. */
static void
check_widths(const char *p, size_t n)
{
	size_t at = 0, sum = 0, used;

	while (at < n) {
		int width;

		at += text_cluster(p + at, n - at, &width);
		must(width >= 0 && width <= 2);
		sum += (size_t)width;
		must(text_width(p, at) == sum);
		must(text_fit(p, n, sum, &used) >= at && used == sum);
	}
	must(at == n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *p = (const char *)data;
	struct safe_text body = text_body(p, n), name = text_name(p, n);
	char *folded = text_fold(p, n);
	struct buf b;

	check_safe(&body, text_body, true);
	check_safe(&name, text_name, false);
	if (n < 64)
		check_widths(name.p, name.n);
	must(utf8_valid(folded, strlen(folded), NULL));
	buf_init(&b, n / 2);
	text_clean(&b, p, n, n % 2);
	must(memcmp(buf_str(&b), n % 2 ? name.p : body.p, b.n) == 0);
	must(utf8_valid(buf_str(&b), b.n, NULL));
	buf_done(&b);
	buf_init(&b, n * 8);
	text_for_model(&b, p, n);
	must(utf8_valid(buf_str(&b), b.n, NULL));
	buf_done(&b);
	free(folded);
	text_done(&body);
	text_done(&name);
	return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as keys, in pieces of any size: what comes as text is valid, names are whole, and the
 * pieces do not matter as long as no silence comes between them. */
#include "term/keyboard.h"

#include <string.h>

#include "base/utf8.h"
#include "fuzz.h"

static void
note(void *arg, const struct stroke *s)
{
	struct buf *out = arg;

	must(s->type != STROKE_KEY || (s->name[0] && strlen(s->name) < sizeof s->name));
	if (s->type == STROKE_TEXT)
		must(s->n > 0 && utf8_valid(s->bytes, s->n, NULL));
	if (s->type == STROKE_KEY)
		buf_addf(out, "<%s>", s->name);
	else
		buf_add(out, s->bytes, s->n);
}

static void
feed(const char *p, size_t n, size_t piece, struct buf *out)
{
	struct keyboard k;

	keyboard_init(&k);
	k.is_replay = true;
	for (size_t at = 0; at < n; at += piece)
		keyboard_feed(&k, p + at, n - at < piece ? n - at : piece, note, out);
	if (keyboard_wait_ms(&k) > 0)
		keyboard_flush(&k, note, out);
	must(keyboard_wait_ms(&k) == 0);
	keyboard_done(&k);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct buf whole, parts;

	if (n < 2)
		return 0;
	buf_init(&whole, 1 << 20);
	buf_init(&parts, 1 << 20);
	feed((const char *)p + 1, n - 1, n, &whole);
	feed((const char *)p + 1, n - 1, 1 + p[0] % 16, &parts);
	must(whole.n == parts.n && (whole.n == 0 || memcmp(whole.p, parts.p, whole.n) == 0));
	buf_done(&whole);
	buf_done(&parts);
	return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as JSON, and any bytes as a JSON string. */
#include "base/json.h"

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "fuzz.h"

/* What is read can be written and read again. */
static void
check_value(const char *p, size_t n)
{
	struct err err = { 0 };
	json_t *v = json_strict(p, n, &err), *again;
	struct buf b;

	if (!v) {
		must(err.kind == ERR_USAGE && err.msg[0]);
		return;
	}
	buf_init(&b, 64 * n + 64);
	must(json_add(&b, v));
	again = json_strict(b.p, b.n, &err);
	must(again && json_equal(v, again));
	json_decref(again);
	json_decref(v);
	buf_done(&b);
}

static void
check_string(const char *p, size_t n)
{
	bool clean = utf8_valid(p, n, NULL) && !memchr(p, '\0', n);
	struct buf b;
	json_t *v;

	buf_init(&b, 6 * n + 2);
	must(json_add_string(&b, p, n));
	v = json_strict(b.p, b.n, NULL);
	/* jansson refuses an escaped NUL, and that alone */
	must(v || memchr(p, '\0', n));
	if (clean)
		must(json_string_length(v) == n && memcmp(json_string_value(v), p, n) == 0);
	json_decref(v);
	buf_done(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	check_value((const char *)data, n);
	/* memchr wants a place even for nothing */
	check_string(n ? (const char *)data : "", n);
	return 0;
}

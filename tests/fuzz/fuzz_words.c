/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a typed line: its words, its options, its times. */
#include "base/args.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "fuzz.h"

static const struct arg_row rows[] = {
	{ .name = "json", .type = ARG_FLAG },
	{ .name = "quiet", .short_name = 'q', .type = ARG_FLAG },
	{ .name = "n", .short_name = 'n', .type = ARG_INT, .min = 1, .max = 99 },
	{ .name = "cid", .type = ARG_STRING },
	{ .name = "set", .type = ARG_LIST },
	{ 0 },
};

/* Words that are quoted and split again are the same words. */
static void
check_quoting(char **words, int n, size_t len)
{
	struct buf b;
	char **again;
	int k;

	buf_init(&b, 4 * len + 3 * (size_t)n + 1);
	for (int i = 0; i < n; i++) {
		buf_adds(&b, " '");
		for (const char *p = words[i]; *p; p++)
			must(*p == '\'' ? buf_adds(&b, "'\\''") : buf_addc(&b, *p));
		buf_addc(&b, '\'');
	}
	must(words_split(buf_str(&b), &again, &k, NULL) && k == n);
	for (int i = 0; i < n; i++)
		must(strcmp(words[i], again[i]) == 0);
	words_free(again, k);
	buf_done(&b);
}

static void
check_args(char **words, int n, size_t len)
{
	struct err err = { 0 };
	struct args a;

	if (!args_parse(&a, rows, n, words, n % 2, &err)) {
		must(err.kind == ERR_USAGE && err.msg[0]);
		return;
	}
	if (args_has(&a, "n"))
		must(args_int(&a, "n", 0) >= 1 && args_int(&a, "n", 0) <= 99);
	must(a.rest.n + a.hits.n <= (size_t)n + len);
	args_done(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const names[] = { "send", "search", "unread", NULL };
	char *line = xstrndup((const char *)data, n), **words;
	struct err err = { 0 };
	int64_t ms;
	int k;

	if (words_split(line, &words, &k, &err)) {
		must(words[k] == NULL);
		check_quoting(words, k, strlen(line));
		check_args(words, k, n);
		words_free(words, k);
	} else {
		must(err.kind == ERR_USAGE);
	}
	words_nearest(line, names);
	if (clock_parse(line, INT64_C(1795514400000), &ms, NULL)) {
		char out[CLOCK_RFC3339_SIZE];

		clock_rfc3339(ms, out);
		must(clock_parse_rfc3339(out, &ms));
	}
	free(line);
	return 0;
}

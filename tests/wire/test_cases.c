/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs the cases of tests/data/wire (their form: README there). */
#include "test.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arr.h"
#include "wire/wire.h"

#define FRAME_MAX (4 * 1024 * 1024)	/* bytes of a case, its repetitions written out */

struct wire_case {
	char *title;
	enum wire_side side;
	enum wire_state state;
	struct buf bytes;
	char *outcome;
};

typedef arr(struct wire_case *) cases_t;

static int
hex(char c)
{
	const char *digits = "0123456789ABCDEF", *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Adds p[n] with %XX and %(N TEXT) written out. */
static void
expand(struct buf *out, const char *p, size_t n)
{
	const char *end = p + n, *close;
	char *text;

	while (p < end) {
		if (*p != '%') {
			assert_true(buf_addc(out, *p++));
		} else if (p[1] == '(') {
			unsigned long times = strtoul(p + 2, &text, 10);

			close = memchr(p, ')', (size_t)(end - p));
			assert_true(close && *text == ' ');
			while (times-- > 0)
				expand(out, text + 1, (size_t)(close - text - 1));
			p = close + 1;
		} else {
			assert_true(hex(p[1]) >= 0 && hex(p[2]) >= 0);
			assert_true(buf_addc(out, (char)(hex(p[1]) * 16 + hex(p[2]))));
			p += 3;
		}
	}
}

static void
read_from(struct wire_case *c, const char *line)
{
	static const struct {
		const char *line;
		enum wire_side side;
		enum wire_state state;
	} rows[] = {
		{ "client before-hello", WIRE_CLIENT, WIRE_BEFORE_HELLO },
		{ "client before-welcome", WIRE_CLIENT, WIRE_BEFORE_WELCOME },
		{ "client open", WIRE_CLIENT, WIRE_OPEN },
		{ "server before-hello", WIRE_SERVER, WIRE_BEFORE_HELLO },
		{ "server before-welcome", WIRE_SERVER, WIRE_BEFORE_WELCOME },
		{ "server open", WIRE_SERVER, WIRE_OPEN },
	};

	for (size_t i = 0; i < countof(rows); i++) {
		if (strcmp(rows[i].line, line) == 0) {
			c->side = rows[i].side;
			c->state = rows[i].state;
			return;
		}
	}
	fail_msg("%s: from '%s'?", c->title, line);
}

static void
read_line(struct wire_case *c, const char *line)
{
	if (strncmp(line, "from ", 5) == 0)
		read_from(c, line + 5);
	else if (strncmp(line, "<% ", 3) == 0)
		expand(&c->bytes, line + 3, strlen(line + 3));
	else if (strncmp(line, "< ", 2) == 0)
		assert_true(buf_adds(&c->bytes, line + 2));
	else if (strcmp(line, "<") != 0) {
		assert_null(c->outcome);
		c->outcome = xstrdup(line);
	}
}

static void
read_cases(const char *path, cases_t *cases)
{
	const char *base = strrchr(path, '/') + 1;
	FILE *file = fopen(path, "r");
	struct wire_case *c = NULL;
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	assert_non_null(file);
	while ((n = getline(&line, &size, file)) >= 0) {
		if (n > 0 && line[n - 1] == '\n')
			line[n - 1] = '\0';
		if (strncmp(line, "case ", 5) == 0) {
			c = xcalloc(1, sizeof *c);
			c->title = xasprintf("%s: %s", base, line + 5);
			buf_init(&c->bytes, FRAME_MAX);
			arr_push(cases, c);
		} else if (*line && *line != '#') {
			assert_non_null(c);
			read_line(c, line);
		}
	}
	free(line);
	fclose(file);
}

/* It is taken, stands in its state, and its text settles at once. */
static void
expect_taken(const struct wire_case *c, const struct frame *f, const char *text)
{
	enum wire_fault fault;
	struct frame *again;
	struct err err;
	struct buf out;
	int64_t i;

	assert_true(wire_is_legal(f->op, c->side, c->state));
	buf_init(&out, FRAME_MAX);
	assert_true(wire_encode(c->side, f, &out));
	assert_string_equal(buf_str(&out), text);
	again = wire_decode(c->side, out.p, out.n, &fault, &i, &err);
	assert_non_null(again);
	buf_clear(&out);
	assert_true(wire_encode(c->side, again, &out));
	assert_string_equal(buf_str(&out), text);
	frame_free(again);
	buf_done(&out);
}

static void
expect_nack(const struct frame *f, const char *code, const char *why)
{
	assert_int_equal(f->op, WIRE_SEND);
	assert_memory_equal(code_name(f->send.bad), code, strlen(code_name(f->send.bad)));
	assert_int_equal(code[strlen(code_name(f->send.bad))], ' ');
	assert_non_null(f->send.bad_why);
	if (!strstr(f->send.bad_why, why))
		fail_msg("the message is: %s", f->send.bad_why);
	/* what was not readable is empty, not dangling */
	assert_non_null(f->send.kind_name);
	assert_non_null(f->send.ref);
	assert_non_null(f->send.body.text);
}

static void
expect_refused(const char *expected, enum wire_fault fault, int64_t i, const struct err *err)
{
	char answer[64];
	const char *why;

	if (fault == WIRE_INVALID && i == WIRE_ABSENT)
		snprintf(answer, sizeof answer, "invalid - ");
	else if (fault == WIRE_INVALID)
		snprintf(answer, sizeof answer, "invalid %lld ", (long long)i);
	else
		snprintf(answer, sizeof answer, "close %d ",
			fault == WIRE_CLOSE_AUTH ? CLOSE_AUTH : CLOSE_BAD_FRAME);
	why = expected + strlen(answer);
	if (strncmp(expected, answer, strlen(answer)) != 0 || !strstr(err->msg, why))
		fail_msg("it is: %s%s", answer, err->msg);
	assert_int_equal(err->kind, ERR_USAGE);
}

static void
run_case(void **state)
{
	const struct wire_case *c = *state;
	enum wire_fault fault = WIRE_FINE;
	struct err err = { ERR_NONE, "" };
	struct frame *f;
	/* a copy of just its size, so that a sanitizer sees what reads beyond */
	char *bytes = xmemdup(buf_str(&c->bytes), c->bytes.n);
	int64_t i = 7;

	assert_non_null(c->outcome);
	f = wire_decode(c->side, bytes, c->bytes.n, &fault, &i, &err);
	free(bytes);
	if (!f) {
		expect_refused(c->outcome, fault, i, &err);
		return;
	}
	assert_int_equal(fault, WIRE_FINE);
	if (strcmp(c->outcome, "=") == 0)
		expect_taken(c, f, buf_str(&c->bytes));
	else if (strncmp(c->outcome, "> ", 2) == 0)
		expect_taken(c, f, c->outcome + 2);
	else if (strcmp(c->outcome, "unknown") == 0)
		assert_int_equal(f->op, WIRE_UNKNOWN);
	else if (strcmp(c->outcome, "illegal") == 0)
		assert_false(wire_is_legal(f->op, c->side, c->state));
	else if (strncmp(c->outcome, "nack ", 5) == 0)
		expect_nack(f, c->outcome + 5, strchr(c->outcome + 5, ' ') + 1);
	else
		fail_msg("it was taken, not: %s", c->outcome);
	frame_free(f);
}

int
main(void)
{
	const char *top = getenv("top_srcdir");
	char *pattern = xasprintf("%s/tests/data/wire/*.case", top ? top : ".");
	arr(struct CMUnitTest) tests = { 0 };
	cases_t cases = { 0 };
	glob_t files;
	int failed;

	if (glob(pattern, 0, NULL, &files) != 0) {
		fprintf(stderr, "%s: no cases\n", pattern);
		return 1;
	}
	for (size_t i = 0; i < files.gl_pathc; i++)
		read_cases(files.gl_pathv[i], &cases);
	for (size_t i = 0; i < cases.n; i++) {
		struct CMUnitTest test = { cases.v[i]->title, run_case, NULL, NULL, cases.v[i] };

		arr_push(&tests, test);
	}
	failed = _cmocka_run_group_tests("wire cases", tests.v, tests.n, NULL, NULL);
	for (size_t i = 0; i < cases.n; i++) {
		buf_done(&cases.v[i]->bytes);
		free(cases.v[i]->outcome);
		free(cases.v[i]->title);
		free(cases.v[i]);
	}
	arr_done(&tests);
	arr_done(&cases);
	globfree(&files);
	free(pattern);
	return failed;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of the control socket: what is read can be written, read again the same, and copied. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "control/codec.h"
#include "fuzz.h"

#define LINE_MAX_SIZE (1u << 20)

static json_t *
again(const struct buf *b)
{
	json_t *o = json_strict(b->p, b->n - 1, NULL);

	must(o);
	return o;
}

static void
check_request(const json_t *o)
{
	struct request first, second;
	struct buf a, b;
	json_t *copy;

	if (!codec_get_request(o, &first, NULL))
		return;
	buf_init(&a, LINE_MAX_SIZE);
	buf_init(&b, LINE_MAX_SIZE);
	if (codec_put_request(&a, 1, &first)) {
		copy = again(&a);
		must(codec_get_request(copy, &second, NULL) && codec_put_request(&b, 1, &second));
		must(strcmp(buf_str(&a), buf_str(&b)) == 0);
		json_decref(copy);
	}
	buf_done(&a);
	buf_done(&b);
}

static void
check_reply(const json_t *o)
{
	struct reply reply;
	struct buf b;

	if (!codec_get_reply(o, &reply, NULL))
		return;
	buf_init(&b, LINE_MAX_SIZE);
	codec_put_reply(&b, 1, &reply);
	buf_done(&b);
}

static void
check_event(const json_t *o)
{
	struct event ev, *copy;
	struct buf a, b;

	if (!codec_get_event(o, &ev, NULL))
		return;
	copy = codec_copy_event(&ev);
	buf_init(&a, LINE_MAX_SIZE);
	buf_init(&b, LINE_MAX_SIZE);
	must(codec_put_event(&a, &ev) == codec_put_event(&b, copy));
	must(strcmp(buf_str(&a), buf_str(&b)) == 0);
	buf_done(&a);
	buf_done(&b);
	free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	json_t *o = json_strict((const char *)p, n, NULL);

	if (json_is_object(o)) {
		check_request(o);
		check_reply(o);
		check_event(o);
	}
	json_decref(o);
	return 0;
}

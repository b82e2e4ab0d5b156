/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fixed pieces of work whose instructions quick.sh counts: work wire|text */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "wire/wire.h"

#define TIMES 2000

/* A send is read, an ack is written. */
static void
work_wire(void)
{
	static const char send[] = "{\"op\":\"send\",\"i\":7,\"conv\":\"c_42\","
		"\"cid\":\"018f0000-0000-7000-8000-000000000001\",\"lane\":7,\"kind\":\"msg\","
		"\"ref\":null,\"body\":{\"text\":\"the canary shows p99 at 900 ms\"}}";
	struct frame ack = { .op = WIRE_ACK, .i = WIRE_ABSENT, .re = 7 };
	enum wire_fault fault;
	struct frame *f;
	struct err err;
	struct buf out;
	int64_t i;

	ack.ack.conv = "c_42";
	ack.ack.epoch = "e_1";
	ack.ack.id = ack.ack.cid = "018f0000-0000-7000-8000-000000000001";
	ack.ack.lane = ack.ack.seq = 7;
	ack.ack.prev = 6;
	ack.ack.ts = 1793491200123;
	buf_init(&out, 65536);
	for (int k = 0; k < TIMES; k++) {
		f = wire_decode(WIRE_CLIENT, send, sizeof send - 1, &fault, &i, &err);
		buf_clear(&out);
		if (!f || f->op != WIRE_SEND || !wire_encode(WIRE_SERVER, &ack, &out))
			exit(1);
		frame_free(f);
	}
	buf_done(&out);
}

static void
work_text(void)
{
	static const char text[] = "deploy of 4.2 \xe2\x80\xae is blocked, Gr\xc3\xb6\xc3\x9f" "e "
		"\xe6\x9d\xb1\xe4\xba\xac \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7 \x1b[31mred";

	for (int k = 0; k < TIMES; k++) {
		struct safe_text t = text_body(text, sizeof text - 1);

		if (t.n == 0 || text_width(t.p, t.n) == 0)
			exit(1);
		text_done(&t);
	}
}

int
main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "wire") == 0)
		work_wire();
	else if (argc == 2 && strcmp(argv[1], "text") == 0)
		work_text();
	else
		return 2;
	return 0;
}

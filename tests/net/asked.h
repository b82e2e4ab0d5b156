/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An HTTP request, the server made by hand that answers it, and what was seen of the answer. */
#ifndef TESTS_NET_ASKED_H
#define TESTS_NET_ASKED_H

#include "net/http.h"
#include "net/raw.h"

/* A request and what came of it. */
struct asked {
	struct fix *f;
	struct http_net *net;
	struct http *http;
	int port, listen_fd, fd;
	int heads, datas, dones;
	long status;
	struct buf headers, body;
	struct err err;
	bool stops_in_data, refuses_data;
};

extern const struct http_ops asked_ops;

/* For cmocka: *state is the struct asked; its server listens. */
int asked_setup(void **state);
int asked_teardown(void **state);

/* Starts req; without a URL it is for the server made by hand. */
void asked_start(struct asked *a, struct http_request req);
/* Accepts the connection and reads the request's head. */
void asked_serve(struct asked *a, char *request, size_t size);
void asked_hang_up(struct asked *a);
/* The whole exchange: any request, this answer, the end of the connection. */
void asked_exchange(struct asked *a, struct http_request req, const char *answer);

#define ASKED_TEST(f) cmocka_unit_test_setup_teardown(f, asked_setup, asked_teardown)

#endif

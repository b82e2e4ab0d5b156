/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Peers made by hand: bytes over a socket, right or wrong, while the loop turns. */
#ifndef TESTS_NET_RAW_H
#define TESTS_NET_RAW_H

#include <stdbool.h>
#include <stddef.h>

#include "net/fixture.h"

enum { RAW_FIN = 0x80, RAW_TEXT = 1, RAW_BINARY = 2, RAW_CONT = 0, RAW_CLOSE = 8, RAW_PING = 9,
		RAW_PONG = 10 };

/* A frame as it was read; payload NUL-ended. */
struct raw_frame {
	int head;		/* first byte: FIN, RSV, opcode */
	bool is_masked;
	size_t n;
	char *payload;		/* the caller frees */
};

/* A TCP connection to the fixture's server. */
int raw_connect(struct fix *f);
/* Listens on a free port of 127.0.0.1. */
int raw_listen(int *port);
int raw_accept(struct fix *f, int listen_fd);

/* Sends all, turning the loop; false if the peer has gone. */
bool raw_send(struct fix *f, int fd, const void *p, size_t n);
bool raw_puts(struct fix *f, int fd, const char *s);
/* Reads exactly n bytes; false if the peer closes before. */
bool raw_read(struct fix *f, int fd, void *p, size_t n);
/* Reads up to an empty line, or to the end; NUL-ended. */
void raw_head(struct fix *f, int fd, char *out, size_t size);
/* Reads to the end. Returns the number of bytes; out (NUL-ended) may be NULL. */
size_t raw_rest(struct fix *f, int fd, char *out, size_t size);

/* The client's half of a handshake; the answer is checked to be a 101. */
void raw_upgrade(struct fix *f, int fd);
/* The server's half: reads the request, computes the answer, adds extra header lines. */
void raw_answer(struct fix *f, int fd, const char *extra);

/* One frame with a minimal length; masked as a client must. */
bool raw_frame_send(struct fix *f, int fd, int head, bool is_masked, const void *p, size_t n);
bool raw_frame_read(struct fix *f, int fd, struct raw_frame *frame);
/* Reads frames up to a close frame and returns its code; 0 if the connection ends without one. */
int raw_close_code(struct fix *f, int fd);

#endif

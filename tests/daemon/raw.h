/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A WebSocket client without manners: sends any bytes in any frame, and sees how it ends. */
#ifndef TESTS_DAEMON_RAW_H
#define TESTS_DAEMON_RAW_H

#include <stddef.h>

struct server;

/* The first byte of a frame. */
enum { RAW_MORE = 0x00, RAW_TEXT_PART = 0x01, RAW_LAST = 0x80, RAW_TEXT = 0x81, RAW_BINARY = 0x82,
	RAW_PING = 0x89, RAW_PONG = 0x8a };

/* Connects to URL i and upgrades (path NULL: no upgrade is asked for). -1 when the server closed
 * instead. */
int raw_open(struct server *s, int i, const char *path);
/* One frame with this first byte. */
void raw_send(int fd, int first, const void *p, size_t n);
/* n text frames that arrive at once. */
void raw_send_together(int fd, const char *const texts[], size_t n);
/* The next frame: its first byte, with the text that fits. 0 when the server closed. */
int raw_take(int fd, char *text, size_t size);
/* Reads until the server closes, and closes fd: the close code, 0 when there was none. text (may
 * be NULL) gets the last text frame. */
int raw_end(int fd, char *text, size_t size);

#endif

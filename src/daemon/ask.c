/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The end of an administration command that asks the running server. */
#include "daemon/ask.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/mem.h"
#include "daemon/control.h"
#include "daemon/unixsock.h"

/* A backup of a large ledger takes its time. */
#define ASK_MS (60 * 60 * 1000)

static bool
send_all(int fd, const struct buf *b)
{
	for (size_t at = 0; at < b->n;) {
		ssize_t n = send(fd, b->p + at, b->n - at, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += (size_t)n;
	}
	return true;
}

/* Reads until the other end closes. */
static bool
receive_all(int fd, struct buf *b)
{
	int64_t end = clock_mono_ms() + ASK_MS;
	char part[8192];

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int64_t left = end - clock_mono_ms();
		ssize_t n;

		if (left <= 0 || (poll(&p, 1, (int)left) < 0 && errno != EINTR))
			return false;
		n = recv(fd, part, sizeof part, MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n == 0)
			return true;
		if (n < 0 || !buf_add(b, part, (size_t)n))
			return false;
	}
}

static void
put_request(struct buf *b, int argc, char *const argv[])
{
	buf_adds(b, "{\"argv\":[");
	for (int i = 0; i < argc; i++) {
		if (i > 0)
			buf_addc(b, ',');
		json_add_string(b, argv[i], strlen(argv[i]));
	}
	buf_adds(b, "]}\n");
}

static enum ask_answer
take_answer(const struct buf *in, struct buf *out, struct err *err)
{
	json_t *v = json_strict(buf_str(in), in->n, err);
	const char *said = v ? json_str(v, "out") : NULL, *why = v ? json_str(v, "error") : NULL;
	enum ask_answer answer = ASK_FAILED;

	if (said)
		buf_adds(out, said);
	if (v && json_bool(v, "ok", false))
		answer = ASK_DONE;
	else if (why)
		err_set(err, (enum err_kind)json_int(v, "kind", ERR_FAIL), "%s", why);
	else
		err_set(err, ERR_FAIL, _("the server gave no answer that can be understood"));
	json_decref(v);
	return answer;
}

enum ask_answer
ask_server(const char *dir, int argc, char *const argv[], struct buf *out, struct err *err)
{
	char *path = xasprintf("%s/control", dir);
	enum ask_answer answer = ASK_FAILED;
	struct buf b;
	int fd = unixsock_connect(path);

	free(path);
	if (fd < 0)
		return ASK_NOBODY;
	buf_init(&b, 8 * CONTROL_ANSWER);
	put_request(&b, argc, argv);
	if (!send_all(fd, &b)) {
		answer = ASK_NOBODY;
	} else {
		buf_clear(&b);
		if (!receive_all(fd, &b))
			err_sys(err, ERR_FAIL, _("the server's answer"));
		else if (b.n == 0)
			answer = ASK_NOBODY;
		else
			answer = take_answer(&b, out, err);
	}
	close(fd);
	buf_done(&b);
	return answer;
}

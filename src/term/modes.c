/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the terminal is asked to do beyond curses, each with its off; and how a process that dies
 * leaves the terminal as it was. */
#include "term/modes.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

struct mode { const char *on, *off; bool is_mouse; };

static const struct mode modes[] = {
	{ "\033[?2004h", "\033[?2004l", false },	/* bracketed paste */
	{ "\033[?1000h", "\033[?1000l", true },		/* mouse buttons, the wheel among them */
	{ "\033[?1006h", "\033[?1006l", true },		/* in SGR form */
};
#define MODES (sizeof modes / sizeof *modes)

static const int fatal[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT, SIGSYS, SIGTRAP };
#define FATAL (sizeof fatal / sizeof *fatal)

/* A signal handler is given nothing, so this is the one thing that stands alone. */
static struct {
	int fd;
	struct termios saved;
	char off[512];
	size_t n;
	bool is_on;
	struct sigaction before[FATAL];
} guard;

void
modes_add(struct buf *out, bool on, bool mouse)
{
	for (size_t i = 0; i < MODES; i++) {
		const struct mode *m = &modes[on ? i : MODES - 1 - i];

		if (mouse || !m->is_mouse)
			buf_adds(out, on ? m->on : m->off);
	}
}

static void
die(int signum)
{
	ssize_t put = write(guard.fd, guard.off, guard.n);

	(void)put;
	tcsetattr(guard.fd, TCSANOW, &guard.saved);
	for (size_t i = 0; i < FATAL; i++) {
		if (fatal[i] == signum)
			sigaction(signum, &guard.before[i], NULL);
	}
	raise(signum);
}

void
modes_guard(int fd, const struct termios *saved, const char *off)
{
	struct sigaction sa = { .sa_handler = die, .sa_flags = SA_RESETHAND | SA_NODEFER };

	modes_unguard();
	guard.fd = fd;
	guard.saved = *saved;
	guard.n = strlen(off) < sizeof guard.off ? strlen(off) : 0;
	memcpy(guard.off, off, guard.n);
	sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < FATAL; i++)
		sigaction(fatal[i], &sa, &guard.before[i]);
	guard.is_on = true;
}

void
modes_unguard(void)
{
	for (size_t i = 0; guard.is_on && i < FATAL; i++)
		sigaction(fatal[i], &guard.before[i], NULL);
	guard.is_on = false;
}

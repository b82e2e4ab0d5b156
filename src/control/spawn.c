/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starts a program that outlives us. Between fork and exec only calls that are safe after a fork
 * of a process with threads. */
#include "control/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/i18n.h"

/* Puts the descriptors where the program expects them; the pipe for a failed exec stays, at
 * SPAWN_FD + 1. */
static bool
arrange(int err_fd, int keep_fd, int report)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	/* First out of the way of the places that are overwritten. */
	int high_report = fcntl(report, F_DUPFD_CLOEXEC, 16);
	int high_keep = keep_fd >= 0 ? fcntl(keep_fd, F_DUPFD_CLOEXEC, 16) : -1;
	int high_err = err_fd >= 0 ? fcntl(err_fd, F_DUPFD_CLOEXEC, 16) : null;

	if (null < 0 || high_report < 0 || high_err < 0 || (keep_fd >= 0 && high_keep < 0))
		return false;
	if (dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(high_err, 2) < 0 ||
			dup3(high_report, SPAWN_FD + 1, O_CLOEXEC) < 0)
		return false;
	if (keep_fd >= 0 ? dup2(high_keep, SPAWN_FD) < 0 : close(SPAWN_FD) < 0 && errno != EBADF)
		return false;
	return close_range(SPAWN_FD + 2, ~0u, 0) == 0;
}

static void
default_signals(void)
{
	sigset_t none;

	for (int n = 1; n < NSIG; n++)
		signal(n, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void
run(char *const argv[], int err_fd, int keep_fd, int report)
{
	int why;

	default_signals();
	umask(077);
	if (arrange(err_fd, keep_fd, report)) {
		report = SPAWN_FD + 1;
		if (chdir("/") == 0)
			execv(argv[0], argv);
	}
	why = errno;
	(void)!write(report, &why, sizeof why);
	_exit(127);
}

bool
spawn_detached(char *const argv[], int err_fd, int keep_fd, struct err *err)
{
	int report[2], why = 0;
	pid_t pid;

	if (pipe2(report, O_CLOEXEC) != 0)
		return err_sys(err, ERR_FAIL, _("cannot start %s"), argv[0]);
	pid = fork();
	if (pid == 0) {
		setsid();
		pid = fork();
		if (pid == 0)
			run(argv, err_fd, keep_fd, report[1]);
		why = pid < 0 ? errno : 0;
		if (why)
			(void)!write(report[1], &why, sizeof why);
		_exit(0);
	}
	why = pid < 0 ? errno : 0;
	close(report[1]);
	/* The end of the pipe comes with the exec, so this waits a moment, not longer. */
	while (pid > 0 && read(report[0], &why, sizeof why) < 0 && errno == EINTR)
		;
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	close(report[0]);
	if (why == 0)
		return true;
	errno = why;
	return err_sys(err, ERR_FAIL, _("cannot start %s"), argv[0]);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A real stonechatd in a folder of its own, for tests. */
#include "daemon/server.h"

#include "test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

#define WORDS_MAX 40

int64_t
server_now_ms(void)
{
	return clock_mono_ms();
}

static void
nap(void)
{
	poll(NULL, 0, 10);
}

static const char *
program(void)
{
	static char path[600];
	const char *top = getenv("top_builddir");

	snprintf(path, sizeof path, "%s/src/stonechatd", top ? top : ".");
	return path;
}

struct server *
server_new(void)
{
	struct server *s = calloc(1, sizeof *s);
	const char *tmp = getenv("TMPDIR");

	assert_non_null(s);
	snprintf(s->dir, sizeof s->dir, "%s/stonechatd.XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(s->dir));
	snprintf(s->data, sizeof s->data, "%s/data", s->dir);
	snprintf(s->log, sizeof s->log, "%s/log", s->dir);
	return s;
}

static char *
read_log(struct server *s)
{
	static char text[256 * 1024];
	int fd = open(s->log, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : 0;

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

static bool
has_ended(struct server *s, int *status)
{
	if (waitpid(s->pid, status, WNOHANG) != s->pid)
		return false;
	s->pid = 0;
	return true;
}

static void
find_urls(struct server *s)
{
	const char *p = read_log(s);

	s->n_urls = 0;
	while (s->n_urls < 4 && (p = strstr(p, "listening on "))) {
		p += strlen("listening on ");
		snprintf(s->url[s->n_urls++], sizeof s->url[0], "%.*s", (int)strcspn(p, "\n"), p);
	}
}

void
server_startv(struct server *s, const char *const options[])
{
	const char *argv[WORDS_MAX] = { program(), "--data", s->data };
	int n = 3, wanted = 0, status, fd = open(s->log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
			0600);
	int64_t end = server_now_ms() + DEADLINE_MS;

	assert_true(fd >= 0);
	for (int i = 0; options[i] && n < WORDS_MAX - 1; i++) {
		wanted += strcmp(options[i], "--listen") == 0;
		argv[n++] = options[i];
	}
	s->pid = fork();
	if (s->pid == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 0);
		dup2(fd, 1);
		dup2(fd, 2);
		execv(argv[0], (char *const *)argv);
		_exit(127);
	}
	close(fd);
	for (find_urls(s); s->n_urls < (wanted ? wanted : 1); find_urls(s)) {
		if (has_ended(s, &status))
			fail_msg("stonechatd did not start: %s", read_log(s));
		if (server_now_ms() > end)
			fail_msg("stonechatd does not listen: %s", read_log(s));
		nap();
	}
}

void
server_start(struct server *s, const char *option, ...)
{
	const char *options[WORDS_MAX] = { option };
	va_list ap;

	va_start(ap, option);
	for (int i = 0; options[i] && i < WORDS_MAX - 1; i++)
		options[i + 1] = va_arg(ap, const char *);
	va_end(ap);
	server_startv(s, options);
}

void
server_run(struct server *s)
{
	static const char *const none[] = { NULL };

	server_startv(s, none);
}

int
server_wait(struct server *s)
{
	int64_t end = server_now_ms() + DEADLINE_MS;
	int status = 0;

	while (!has_ended(s, &status)) {
		if (server_now_ms() > end) {
			kill(s->pid, SIGKILL);
			waitpid(s->pid, NULL, 0);
			s->pid = 0;
			fail_msg("stonechatd does not end: %s", read_log(s));
		}
		nap();
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
		print_message("# %s\n", read_log(s));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int
server_stop(struct server *s)
{
	kill(s->pid, SIGTERM);
	return server_wait(s);
}

void
server_kill(struct server *s)
{
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
	s->pid = 0;
}

int
run_program(const char *const argv[], char *out, size_t size)
{
	int pipes[2], status;
	size_t n = 0;
	pid_t pid;

	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 0);
		dup2(pipes[1], 1);
		dup2(pipes[1], 2);
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	close(pipes[1]);
	for (;;) {
		char part[4096];
		ssize_t k = read(pipes[0], part, sizeof part);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			break;
		if (out && n + (size_t)k < size) {
			memcpy(out + n, part, (size_t)k);
			n += (size_t)k;
		}
	}
	close(pipes[0]);
	if (out && n > 0 && out[n - 1] == '\n')
		n--;
	if (out)
		out[n] = '\0';
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void
server_free(struct server *s)
{
	const char *argv[] = { "rm", "-rf", s->dir, NULL };
	int status = s->pid ? server_stop(s) : 0;

	run_program(argv, NULL, 0);
	free(s);
	assert_int_equal(status, 0);
}

int
server_admin(struct server *s, char *out, size_t size, const char *word, ...)
{
	const char *argv[WORDS_MAX] = { program(), "--data", s->data, word };
	va_list ap;

	va_start(ap, word);
	for (int i = 3; argv[i] && i < WORDS_MAX - 1; i++)
		argv[i + 1] = va_arg(ap, const char *);
	va_end(ap);
	return run_program(argv, out, size);
}

bool
server_logs(struct server *s, const char *text)
{
	int64_t end = server_now_ms() + DEADLINE_MS;

	while (!strstr(read_log(s), text)) {
		if (server_now_ms() > end) {
			print_message("# %s\n", read_log(s));
			return false;
		}
		nap();
	}
	return true;
}

static int
dial(const char *url)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct sockaddr_in in = { .sin_family = AF_INET };
	const char *port = strrchr(url, ':');
	int fd, rc;

	if (strncmp(url, "unix:", 5) == 0) {
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		snprintf(un.sun_path, sizeof un.sun_path, "%s", url + 5);
		rc = connect(fd, (struct sockaddr *)&un, sizeof un);
	} else {
		fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		in.sin_port = htons((uint16_t)strtol(port + 1, NULL, 10));
		rc = connect(fd, (struct sockaddr *)&in, sizeof in);
	}
	assert_int_equal(rc, 0);
	return fd;
}

int
server_dial(struct server *s, int i)
{
	return dial(s->url[i]);
}

int
server_get(struct server *s, const char *path, char *body, size_t size)
{
	char text[128 * 1024];
	size_t n = 0;
	int fd = dial(s->url[0]), status = 0, len;
	const char *head;

	len = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path);
	assert_int_equal(write(fd, text, (size_t)len), len);
	while (n < sizeof text - 1) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		ssize_t k;

		assert_int_equal(poll(&p, 1, DEADLINE_MS), 1);
		k = read(fd, text + n, sizeof text - 1 - n);
		if (k <= 0)
			break;
		n += (size_t)k;
	}
	close(fd);
	text[n] = '\0';
	assert_int_equal(sscanf(text, "HTTP/1.1 %d", &status), 1);
	head = strstr(text, "\r\n\r\n");
	assert_non_null(head);
	snprintf(body, size, "%s", head + 4);
	return status;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A real stonechatd in a folder of its own, for tests. Everything has a deadline; a test that
 * misses one fails. */
#ifndef TESTS_DAEMON_SERVER_H
#define TESTS_DAEMON_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define DEADLINE_MS 20000

struct server {
	char dir[200];			/* the data directory is dir/data */
	char data[220];
	char log[220];			/* its standard error */
	pid_t pid;			/* 0: not running */
	char url[4][300];		/* as it printed them */
	int n_urls;
};

/* A folder, no process yet. */
struct server *server_new(void);
/* Starts it with "--data DIR" and these options (ended by NULL), until it listens. */
void server_start(struct server *s, const char *option, ...) __attribute__((sentinel));
void server_run(struct server *s);	/* without options */
void server_startv(struct server *s, const char *const options[]);
/* SIGTERM; the exit status. */
int server_stop(struct server *s);
void server_kill(struct server *s);	/* SIGKILL */
/* Waits until it ends by itself; the exit status. */
int server_wait(struct server *s);
/* Stops it if it runs (the status must be 0) and removes the folder. */
void server_free(struct server *s);

/* Runs "stonechatd --data DIR WORD…" (ended by NULL); standard output without its last line feed
 * goes to out. The exit status. */
int server_admin(struct server *s, char *out, size_t size, const char *word, ...)
	__attribute__((sentinel));
/* Runs any program, found in PATH; its standard output and error go to out (may be NULL). */
int run_program(const char *const argv[], char *out, size_t size);
/* True if the log holds the text, at the latest at the deadline. */
bool server_logs(struct server *s, const char *text);
/* A raw connection to URL i. */
int server_dial(struct server *s, int i);
/* Body and status of GET path on the first URL. */
int server_get(struct server *s, const char *path, char *body, size_t size);
int64_t server_now_ms(void);	/* monotonic */

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* engine.lock: who is the one engine of a data directory. */
#include "control/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/path.h"

#define LOCK_FILE_MAX 8192
#define BOOT_ID_SIZE 37

static void
host_name(char out[256])
{
	if (gethostname(out, 256) != 0)
		out[0] = '\0';
	out[255] = '\0';
}

static void
boot_id(char out[BOOT_ID_SIZE])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, out, BOOT_ID_SIZE - 1) : 0;

	out[n > 0 ? n : 0] = '\0';
	if (fd >= 0)
		close(fd);
}

/* "key=value" of one line into *info; others are passed over. */
static void
take_line(struct lock_info *info, char *line)
{
	char *value = strchr(line, '=');

	if (!value)
		return;
	*value++ = '\0';
	if (strcmp(line, "pid") == 0)
		info->pid = (pid_t)strtol(value, NULL, 10);
	else if (strcmp(line, "version") == 0 && !info->version)
		info->version = xstrdup(value);
	else if (strcmp(line, "host") == 0 && !info->host)
		info->host = xstrdup(value);
	else if (strcmp(line, "boot") == 0 && !info->boot)
		info->boot = xstrdup(value);
	else if (strcmp(line, "socket") == 0 && !info->socket)
		info->socket = xstrdup(value);
	else if (strcmp(line, "config") == 0 && !info->config)
		info->config = xstrdup(value);
}

bool
lock_read(const char *data, struct lock_info *info, struct err *err)
{
	char *path = path_join(data, "engine.lock"), *text, *line, *end;

	memset(info, 0, sizeof *info);
	text = access(path, F_OK) == 0 ? path_read(path, LOCK_FILE_MAX, NULL, err) : NULL;
	free(path);
	if (!text)
		return false;
	for (line = text; *line; line = end) {
		end = line + strcspn(line, "\n");
		if (*end)
			*end++ = '\0';
		take_line(info, line);
	}
	free(text);
	if (info->pid > 0 && info->socket)
		return true;
	lock_info_done(info);
	return false;
}

void
lock_info_done(struct lock_info *info)
{
	free(info->version);
	free(info->host);
	free(info->boot);
	free(info->socket);
	free(info->config);
	memset(info, 0, sizeof *info);
}

bool
lock_is_here(const struct lock_info *info)
{
	char host[256], boot[BOOT_ID_SIZE];

	host_name(host);
	boot_id(boot);
	return info->host && info->boot && strcmp(info->host, host) == 0 &&
			strcmp(info->boot, boot) == 0;
}

/* Held: a sentence only when its holder cannot be reached from here. */
static enum lock_result
held(const char *data, struct err *err)
{
	struct lock_info info;

	if (lock_read(data, &info, err) && !lock_is_here(&info))
		err_set(err, ERR_FAIL, _("%s is in use by stonechat-engine (process %ld) on %s"),
				data, (long)info.pid, info.host ? info.host : "?");
	lock_info_done(&info);
	return LOCK_HELD;
}

enum lock_result
lock_take(const char *data, int *fd, struct err *err)
{
	char *path = path_join(data, "engine.lock");
	int file = path_open(path, O_RDWR | O_CREAT, err);
	enum lock_result result = LOCK_ERROR;

	err->kind = file < 0 ? err->kind : ERR_NONE;
	if (file >= 0 && flock(file, LOCK_EX | LOCK_NB) == 0 && ftruncate(file, 0) == 0) {
		*fd = file;
		result = LOCK_TAKEN;
	} else if (file >= 0 && errno == EWOULDBLOCK) {
		result = held(data, err);
	} else if (file >= 0) {
		err_sys(err, ERR_FAIL, "%s", path);
	}
	if (file >= 0 && result != LOCK_TAKEN)
		close(file);
	free(path);
	return result;
}

bool
lock_is_ours(int fd, const char *data)
{
	char *path = path_join(data, "engine.lock");
	struct stat here, there;
	bool ok = fstat(fd, &here) == 0 && stat(path, &there) == 0 &&
			here.st_dev == there.st_dev && here.st_ino == there.st_ino;

	free(path);
	return ok;
}

bool
lock_write(int fd, const char *version, const char *socket, const char *config, struct err *err)
{
	char host[256], boot[BOOT_ID_SIZE];
	struct buf b;
	bool ok;

	host_name(host);
	boot_id(boot);
	buf_init(&b, LOCK_FILE_MAX);
	ok = buf_addf(&b, "pid=%ld\nversion=%s\nhost=%s\nboot=%s\nsocket=%s\nconfig=%s\n",
			(long)getpid(), version, host, boot, socket, config);
	/* Readers see all of it or nothing: it is written in one piece into an empty file. */
	ok = ok && ftruncate(fd, 0) == 0 && pwrite(fd, b.p, b.n, 0) == (ssize_t)b.n;
	buf_done(&b);
	return ok || err_sys(err, ERR_FAIL, _("cannot write engine.lock"));
}

/* Somebody has the lock; nothing is taken or changed. */
static bool
is_held(const char *data)
{
	char *path = path_join(data, "engine.lock");
	int fd = path_open(path, O_RDWR, NULL);
	bool held = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;

	if (fd >= 0)
		close(fd);
	free(path);
	return held;
}

bool
lock_has_config(const char *data, const char *config, struct err *err)
{
	struct lock_info info;
	struct err none;
	bool ok = !lock_read(data, &info, &none) || !info.config ||
			strcmp(info.config, config) == 0 || !is_held(data);

	if (!ok)
		err_set(err, ERR_USAGE, _("the engine of %.80s reads %.80s, not %.80s: stonechat "
				"engine stop, or another --data"), data, info.config, config);
	lock_info_done(&info);
	return ok;
}

char *
lock_real_path(const char *path)
{
	char *real = realpath(path, NULL), *dir, *cwd;
	const char *slash = strrchr(path, '/');

	if (real)
		return real;
	dir = slash ? xstrndup(path, slash == path ? 1 : (size_t)(slash - path)) : xstrdup(".");
	real = realpath(dir, NULL);
	free(dir);
	if (real) {
		dir = path_join(strcmp(real, "/") == 0 ? "" : real, slash ? slash + 1 : path);
		free(real);
		return dir;
	}
	if (path[0] == '/')
		return xstrdup(path);
	cwd = getcwd(NULL, 0);
	dir = path_join(cwd ? cwd : "", path);
	free(cwd);
	return dir;
}

char *
lock_socket_path(const char *runtime, const char *data)
{
	char hash[HASH_SIZE], name[32];
	char *real = realpath(data, NULL);

	hash_hex(real ? real : data, strlen(real ? real : data), hash);
	free(real);
	snprintf(name, sizeof name, "%.16s.sock", hash);
	return path_join(runtime, name);
}

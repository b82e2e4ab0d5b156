/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must happen before an account dials: its secret is read from a file or asked from a
 * command, and the server of account local is started. */
#ifndef ENGINE_PREDIAL_H
#define ENGINE_PREDIAL_H

#include "base/err.h"

struct member;
struct predial;

#define SECRET_MAX 4096

struct predial *predial_new(struct member *m);
/* What waits is let go with an error, so the account is closed before. NULL is fine. */
void predial_free(struct predial *p);
/* The before_dial of struct account_conf; arg is a struct predial. go runs once, later. */
void predial_run(void *arg, void (*go)(void *go_arg, const struct err *err), void *go_arg);
/* A secret was refused: asks for it anew, at the next dial, which may be now. */
void predial_again(struct predial *p);

#endif

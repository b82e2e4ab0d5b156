/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What doctor looks at without an engine, and the rows that it prints. */
#ifndef CMDS_DOCTOR_H
#define CMDS_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct cmd_run;

enum verdict { DOCTOR_OK, DOCTOR_WARN, DOCTOR_FAIL };

/* Rows gathered. */
struct doctor {
	struct cmd_run *run;
	struct buf out;
	size_t fails;
	bool is_unfit;			/* the data folder: no engine could work in it */
};

/* One row. mend (may be NULL): what to do. */
void doctor_row(struct doctor *d, enum verdict verdict, const char *check, const char *mend,
		const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* Configuration, folders, disk, programs, SQLite. */
void doctor_machine(struct doctor *d);
/* TERM, its terminfo entry, colours, locale. */
void doctor_terminal(struct doctor *d);
/* What an account has on the disk: token, mirror, outbox. */
void doctor_account(struct doctor *d, const char *account);

#endif

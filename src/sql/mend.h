/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Getting at the rows of a file whose beginning is gone. */
#ifndef SQL_MEND_H
#define SQL_MEND_H

#include "sql/schema.h"

/* Overwrites the first page of the file at path, which nobody may write any more, with that of a
 * new file of this schema: tables made by the same steps have their roots in the same places, so
 * what can still be read can be found. */
bool sql_mend_first_page(const char *path, const struct sql_schema *schema, struct err *err);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a value of the configuration may be; for src/base/conf*.c alone. */
#ifndef BASE_CONF_CHECK_H
#define BASE_CONF_CHECK_H

#include "base/conf.h"

/* Checks value against row; section and key are as the person wrote them. */
bool conf_check_value(const struct conf_row *row, const char *section, const char *key,
		      const char *value, struct err *err);
/* "true", "yes", "on", "1" and their opposites. */
bool conf_parse_bool(const char *s, bool *yes);

#endif

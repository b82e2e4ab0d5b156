/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of drivers: a new kind of server is one word here. */
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "drivers/driver.h"

const struct driver *const drivers[] = { &driver_native, NULL };

const struct driver *
driver_for(const struct driver *const *all, const char *url, struct err *err)
{
	struct buf known;

	for (size_t i = 0; all[i] != NULL; i++)
		for (size_t k = 0; all[i]->schemes[k] != NULL; k++)
			if (strncmp(url, all[i]->schemes[k], strlen(all[i]->schemes[k])) == 0)
				return all[i];
	buf_init(&known, 200);
	for (size_t i = 0; all[i] != NULL; i++)
		for (size_t k = 0; all[i]->schemes[k] != NULL; k++)
			buf_addf(&known, " %s", all[i]->schemes[k]);
	err_set(err, ERR_USAGE, _("%s: no such kind of server; an address begins with one of:%s"),
			url, buf_str(&known));
	buf_done(&known);
	return NULL;
}

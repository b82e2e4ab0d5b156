/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The locale and the message catalogue. */
#include "base/i18n.h"

#include <locale.h>

#define DOMAIN "stonechat"

void
i18n_init(void)
{
	setlocale(LC_ALL, "");
	/* numbers in JSON and in configuration have a point everywhere */
	setlocale(LC_NUMERIC, "C");
	bindtextdomain(DOMAIN, LOCALEDIR);
	bind_textdomain_codeset(DOMAIN, "UTF-8");
	textdomain(DOMAIN);
}

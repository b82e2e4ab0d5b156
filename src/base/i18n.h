/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words for people go through gettext. */
#ifndef BASE_I18N_H
#define BASE_I18N_H

#include <libintl.h>

#define _(text) gettext(text)
#define N_(text) text

/* setlocale and the message catalogue; LC_NUMERIC stays "C". Once, first thing in main. */
void i18n_init(void);

#endif

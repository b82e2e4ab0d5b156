/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All screens. */
#include "ui/ui.h"

const struct screen *const screens[] = { &scr_chat, &scr_help, NULL };

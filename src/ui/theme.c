/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How each style looks: one row a style, with the colours of each depth. */
#include "ui/theme.h"

#include <stddef.h>
#include <string.h>

#define D COLOR_DEFAULT

struct row {
	int8_t fg16, bg16;
	int16_t fg256, bg256;
	int32_t fg_rgb, bg_rgb;
	uint8_t attr;
	uint8_t plain;		/* attributes where there is no colour at all */
};

struct theme { const char *name; struct row rows[STYLE_COUNT]; };

static const struct theme dark = {
	.name = "dark",
	.rows = {
		[STYLE_TEXT] = { D, D, D, D, D, D, 0, 0 },
		[STYLE_DIM] = { 8, D, 244, D, 0x808890, D, 0, LOOK_DIM },
		[STYLE_TITLE] = { 7, 4, 252, 237, 0xd8dee4, 0x2a3038, 0, LOOK_REVERSE },
		[STYLE_TITLE_GOOD] = { 10, 4, 114, 237, 0x8cc98c, 0x2a3038, 0, LOOK_REVERSE },
		[STYLE_TITLE_BAD] = { 11, 4, 215, 237, 0xe8b060, 0x2a3038, 0, LOOK_REVERSE },
		[STYLE_STATUS] = { 7, 4, 250, 237, 0xb8c0c8, 0x2a3038, 0, LOOK_REVERSE },
		[STYLE_STATUS_HOT] = { 13, 4, 213, 237, 0xf090d8, 0x2a3038, LOOK_BOLD,
			LOOK_REVERSE | LOOK_BOLD },
		[STYLE_STATUS_BAD] = { 11, 4, 215, 237, 0xe8b060, 0x2a3038, 0, LOOK_REVERSE },
		[STYLE_BORDER] = { 8, D, 239, D, 0x484f58, D, 0, LOOK_DIM },
		[STYLE_LIST] = { D, D, 248, D, 0xa8b0b8, D, 0, 0 },
		[STYLE_LIST_HEAD] = { 8, D, 244, D, 0x808890, D, LOOK_BOLD, LOOK_BOLD },
		[STYLE_LIST_HERE] = { 15, 4, 255, 238, 0xf8f8f8, 0x3a424c, LOOK_BOLD,
			LOOK_REVERSE },
		[STYLE_LIST_UNREAD] = { D, D, D, D, D, D, LOOK_BOLD, LOOK_BOLD },
		[STYLE_LIST_HOT] = { 13, D, 213, D, 0xf090d8, D, LOOK_BOLD, LOOK_BOLD },
		[STYLE_TIME] = { 8, D, 242, D, 0x707880, D, 0, LOOK_DIM },
		[STYLE_DATE] = { 6, D, 109, D, 0x88a8b8, D, 0, LOOK_DIM },
		[STYLE_UNREAD] = { 13, D, 213, D, 0xf090d8, D, 0, LOOK_BOLD },
		[STYLE_GAP] = { 11, D, 215, D, 0xe8b060, D, 0, 0 },
		[STYLE_NEWS] = { 8, D, 245, D, 0x8a929a, D, 0, LOOK_DIM },
		[STYLE_LOCAL] = { 6, D, 109, D, 0x88a8b8, D, 0, 0 },
		[STYLE_WARNING] = { 11, D, 215, D, 0xe8b060, D, 0, 0 },
		[STYLE_ERROR] = { 9, D, 203, D, 0xf07070, D, 0, LOOK_BOLD },
		[STYLE_GOOD] = { 10, D, 114, D, 0x8cc98c, D, 0, 0 },
		[STYLE_PENDING] = { 8, D, 246, D, 0x9098a0, D, 0, LOOK_DIM },
		[STYLE_QUOTE] = { 8, D, 245, D, 0x8a929a, D, LOOK_ITALIC, LOOK_DIM },
		[STYLE_MENTION] = { 13, D, 213, D, 0xf090d8, D, LOOK_BOLD, LOOK_BOLD },
		[STYLE_LINK] = { 12, D, 117, D, 0x88c8f8, D, LOOK_UNDERLINE, LOOK_UNDERLINE },
		[STYLE_PROMPT] = { 14, D, 117, D, 0x88c8f8, D, LOOK_BOLD, LOOK_BOLD },
		[STYLE_INPUT] = { D, D, D, D, D, D, 0, 0 },
		[STYLE_MENU] = { 7, 8, 250, 238, 0xc0c8d0, 0x3a424c, 0, LOOK_REVERSE },
		[STYLE_MENU_HERE] = { 15, 4, 255, 25, 0xf8f8f8, 0x285890, LOOK_BOLD, LOOK_BOLD },
		[STYLE_KEY] = { 14, D, 117, D, 0x88c8f8, D, 0, LOOK_BOLD },
		[STYLE_OWN] = { D, D, D, D, D, D, LOOK_BOLD, LOOK_BOLD },
		[STYLE_NICK + 0] = { 12, D, 75, D, 0x68b0f8, D, 0, 0 },
		[STYLE_NICK + 1] = { 10, D, 114, D, 0x8cc98c, D, 0, 0 },
		[STYLE_NICK + 2] = { 11, D, 179, D, 0xd8b868, D, 0, 0 },
		[STYLE_NICK + 3] = { 9, D, 210, D, 0xf09890, D, 0, 0 },
		[STYLE_NICK + 4] = { 14, D, 80, D, 0x68d0d0, D, 0, 0 },
		[STYLE_NICK + 5] = { 13, D, 176, D, 0xd890d8, D, 0, 0 },
		[STYLE_NICK + 6] = { 6, D, 73, D, 0x60a8b0, D, 0, 0 },
		[STYLE_NICK + 7] = { 3, D, 143, D, 0xb0b070, D, 0, 0 },
	},
};

static const struct theme light = {
	.name = "light",
	.rows = {
		[STYLE_TEXT] = { D, D, D, D, D, D, 0, 0 },
		[STYLE_DIM] = { 8, D, 243, D, 0x707070, D, 0, LOOK_DIM },
		[STYLE_TITLE] = { 0, 7, 236, 253, 0x202428, 0xdde2e8, 0, LOOK_REVERSE },
		[STYLE_TITLE_GOOD] = { 2, 7, 28, 253, 0x207030, 0xdde2e8, 0, LOOK_REVERSE },
		[STYLE_TITLE_BAD] = { 1, 7, 130, 253, 0x985000, 0xdde2e8, 0, LOOK_REVERSE },
		[STYLE_STATUS] = { 0, 7, 238, 253, 0x404448, 0xdde2e8, 0, LOOK_REVERSE },
		[STYLE_STATUS_HOT] = { 5, 7, 90, 253, 0x802080, 0xdde2e8, LOOK_BOLD,
			LOOK_REVERSE | LOOK_BOLD },
		[STYLE_STATUS_BAD] = { 1, 7, 130, 253, 0x985000, 0xdde2e8, 0, LOOK_REVERSE },
		[STYLE_BORDER] = { 7, D, 250, D, 0xb8bcc0, D, 0, LOOK_DIM },
		[STYLE_LIST] = { D, D, 239, D, 0x484c50, D, 0, 0 },
		[STYLE_LIST_HEAD] = { 8, D, 243, D, 0x707070, D, LOOK_BOLD, LOOK_BOLD },
		[STYLE_LIST_HERE] = { 0, 7, 16, 252, 0x000000, 0xcfd8e2, LOOK_BOLD, LOOK_REVERSE },
		[STYLE_LIST_UNREAD] = { 0, D, 16, D, 0x000000, D, LOOK_BOLD, LOOK_BOLD },
		[STYLE_LIST_HOT] = { 5, D, 90, D, 0x802080, D, LOOK_BOLD, LOOK_BOLD },
		[STYLE_TIME] = { 8, D, 245, D, 0x808488, D, 0, LOOK_DIM },
		[STYLE_DATE] = { 4, D, 24, D, 0x205878, D, 0, LOOK_DIM },
		[STYLE_UNREAD] = { 5, D, 90, D, 0x802080, D, 0, LOOK_BOLD },
		[STYLE_GAP] = { 1, D, 130, D, 0x985000, D, 0, 0 },
		[STYLE_NEWS] = { 8, D, 243, D, 0x707478, D, 0, LOOK_DIM },
		[STYLE_LOCAL] = { 4, D, 24, D, 0x205878, D, 0, 0 },
		[STYLE_WARNING] = { 1, D, 130, D, 0x985000, D, 0, 0 },
		[STYLE_ERROR] = { 1, D, 160, D, 0xc01818, D, 0, LOOK_BOLD },
		[STYLE_GOOD] = { 2, D, 28, D, 0x207030, D, 0, 0 },
		[STYLE_PENDING] = { 8, D, 243, D, 0x707478, D, 0, LOOK_DIM },
		[STYLE_QUOTE] = { 8, D, 243, D, 0x707478, D, LOOK_ITALIC, LOOK_DIM },
		[STYLE_MENTION] = { 5, D, 90, D, 0x802080, D, LOOK_BOLD, LOOK_BOLD },
		[STYLE_LINK] = { 4, D, 26, D, 0x1058b0, D, LOOK_UNDERLINE, LOOK_UNDERLINE },
		[STYLE_PROMPT] = { 4, D, 26, D, 0x1058b0, D, LOOK_BOLD, LOOK_BOLD },
		[STYLE_INPUT] = { D, D, D, D, D, D, 0, 0 },
		[STYLE_MENU] = { 0, 7, 238, 252, 0x404448, 0xd0d6dc, 0, LOOK_REVERSE },
		[STYLE_MENU_HERE] = { 15, 4, 255, 25, 0xffffff, 0x285890, LOOK_BOLD, LOOK_BOLD },
		[STYLE_KEY] = { 4, D, 26, D, 0x1058b0, D, 0, LOOK_BOLD },
		[STYLE_OWN] = { 0, D, 16, D, 0x000000, D, LOOK_BOLD, LOOK_BOLD },
		[STYLE_NICK + 0] = { 4, D, 26, D, 0x1858b0, D, 0, 0 },
		[STYLE_NICK + 1] = { 2, D, 28, D, 0x207030, D, 0, 0 },
		[STYLE_NICK + 2] = { 3, D, 94, D, 0x805800, D, 0, 0 },
		[STYLE_NICK + 3] = { 1, D, 124, D, 0xa02020, D, 0, 0 },
		[STYLE_NICK + 4] = { 6, D, 30, D, 0x007878, D, 0, 0 },
		[STYLE_NICK + 5] = { 5, D, 90, D, 0x802080, D, 0, 0 },
		[STYLE_NICK + 6] = { 12, D, 61, D, 0x5050a8, D, 0, 0 },
		[STYLE_NICK + 7] = { 8, D, 58, D, 0x585820, D, 0, 0 },
	},
};

static const struct theme *const themes[] = { &dark, &light, NULL };

const struct theme *
theme_find(const char *name)
{
	for (size_t i = 0; themes[i]; i++) {
		if (strcmp(themes[i]->name, name) == 0)
			return themes[i];
	}
	return NULL;
}

struct look
theme_look(const struct theme *t, enum style style, enum depth depth)
{
	const struct row *r = &t->rows[style];

	switch (depth) {
	case DEPTH_16:
		return (struct look){ r->fg16, r->bg16, r->attr };
	case DEPTH_256:
		return (struct look){ r->fg256, r->bg256, r->attr };
	case DEPTH_TRUE:
		return (struct look){ r->fg_rgb, r->bg_rgb, r->attr };
	default:
		return (struct look){ D, D, r->plain };
	}
}

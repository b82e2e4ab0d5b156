/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a code point is to the sanitiser and to the width rule; for src/base/text*.c alone. */
#ifndef BASE_TEXT_CLASS_H
#define BASE_TEXT_CLASS_H

#include <stdbool.h>
#include <stdint.h>

enum text_class {
	TEXT_VISIBLE,		/* has a shape of its own (or is a blank) */
	TEXT_MARK,		/* combines with what stands before it */
	TEXT_JOINER,		/* ZWNJ, ZWJ: part of spelling and of emoji, or hidden */
	TEXT_SELECTOR,		/* VS15, VS16: part of emoji, or hidden */
	TEXT_HIDDEN,		/* shows nothing and may carry anything */
	TEXT_CONTROL,		/* C0, DEL, C1 */
	TEXT_BIDI,
	TEXT_SEPARATOR,		/* U+2028, U+2029 */
	TEXT_NONCHARACTER,
	TEXT_UNASSIGNED,	/* in the version of Unicode that we know */
};

enum text_class text_class(uint32_t cp);
/* A letter of the most frequent scripts: visible, and never part of the cluster before it. The
 * quick way past every table. */
bool text_is_simple(uint32_t cp);
/* Columns of cp alone, 0 to 2. */
int text_columns(uint32_t cp);

bool text_is_pictograph(uint32_t cp);		/* Extended_Pictographic */
bool text_is_keycap(uint32_t cp);		/* 0-9, # and *, which U+20E3 encloses */
bool text_is_skin_tone(uint32_t cp);		/* Emoji_Modifier */
bool text_is_regional(uint32_t cp);		/* Regional_Indicator */
bool text_is_spacing_mark(uint32_t cp);		/* a mark with a column of its own */
/* A letter or mark of a script whose spelling needs ZWNJ and ZWJ (Arabic, Indic, …). */
bool text_joins(uint32_t cp);
bool text_is_virama(uint32_t cp);
/* A number for the script of a letter, of those scripts whose letters look like each other's; 0
 * for everything else. */
int text_lookalike(uint32_t cp);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a code point is: utf8proc's properties, and the few that it lacks. */
#include "base/text_class.h"

#include <stddef.h>
#include <utf8proc.h>

#include "base/utf8.h"

#define countof(a) (sizeof(a) / sizeof *(a))

struct range { uint32_t first, last; };

/* What shows nothing: Default_Ignorable_Code_Point, other fillers and blank signs. Format
 * characters (category Cf) need no place here. Sorted. */
static const struct range hidden[] = {
	{ 0x00ad, 0x00ad },	/* soft hyphen */
	{ 0x034f, 0x034f },	/* combining grapheme joiner */
	{ 0x115f, 0x1160 },	/* Hangul fillers */
	{ 0x17b4, 0x17b5 },	/* Khmer inherent vowels */
	{ 0x180b, 0x180f },	/* Mongolian variation selectors, vowel separator */
	{ 0x2065, 0x2065 },
	{ 0x2800, 0x2800 },	/* Braille blank */
	{ 0x3164, 0x3164 },	/* Hangul filler */
	{ 0xfe00, 0xfe0d },	/* variation selectors 1 to 14 */
	{ 0xffa0, 0xffa0 },	/* half-width Hangul filler */
	{ 0xfff0, 0xfffb },	/* unassigned, interlinear annotation */
	{ 0x16fe4, 0x16fe4 },	/* Khitan filler */
	{ 0x1d159, 0x1d159 },	/* musical null note head */
	{ 0xe0000, 0xe0fff },	/* tags, variation selectors 17 to 256 */
};

/* Blocks of the cursive and the Indic scripts. Sorted. */
static const struct range joining[] = {
	{ 0x0600, 0x077f },	/* Arabic, Syriac */
	{ 0x07c0, 0x07ff },	/* N'Ko */
	{ 0x0840, 0x0dff },	/* Mandaic, Arabic extended, Devanagari to Sinhala */
	{ 0x0f00, 0x109f },	/* Tibetan, Myanmar */
	{ 0x1700, 0x18af },	/* Tagalog to Tagbanwa, Khmer, Mongolian */
	{ 0x1900, 0x194f },	/* Limbu */
	{ 0x1a00, 0x1aaf },	/* Buginese, Tai Tham */
	{ 0x1b00, 0x1c4f },	/* Balinese, Sundanese, Batak, Lepcha */
	{ 0x1cd0, 0x1cff },	/* Vedic extensions */
	{ 0xa800, 0xa82f },	/* Syloti Nagri */
	{ 0xa840, 0xa8ff },	/* Phags-pa, Saurashtra, Devanagari extended */
	{ 0xa930, 0xa9ff },	/* Rejang, Javanese, Myanmar extended */
	{ 0xaa00, 0xaaff },	/* Cham, Myanmar extended, Meetei Mayek */
	{ 0xabc0, 0xabff },	/* Meetei Mayek */
	{ 0xfb50, 0xfdff },	/* Arabic presentation forms */
	{ 0xfe70, 0xfefe },
	{ 0x10a00, 0x10a5f },	/* Kharoshthi */
	{ 0x10ac0, 0x10aff },	/* Manichaean */
	{ 0x10b80, 0x10baf },	/* Psalter Pahlavi */
	{ 0x10d00, 0x10d3f },	/* Hanifi Rohingya */
	{ 0x10ec0, 0x10fdf },	/* Arabic extended, Sogdian, Chorasmian */
	{ 0x11000, 0x11fff },	/* Brahmi and its descendants */
	{ 0x1e900, 0x1e95f },	/* Adlam */
};

/* Scripts with letters of the same shapes (UTS 39). Sorted. */
static const struct { struct range range; int script; } lookalikes[] = {
	{ { 0x0041, 0x024f }, 1 },	/* Latin */
	{ { 0x0250, 0x02af }, 1 },
	{ { 0x0370, 0x03ff }, 2 },	/* Greek */
	{ { 0x0400, 0x052f }, 3 },	/* Cyrillic */
	{ { 0x0530, 0x058f }, 4 },	/* Armenian */
	{ { 0x13a0, 0x13ff }, 5 },	/* Cherokee */
	{ { 0x1c80, 0x1c8f }, 3 },
	{ { 0x1d00, 0x1d25 }, 1 },
	{ { 0x1d26, 0x1d2a }, 2 },
	{ { 0x1d2b, 0x1d2b }, 3 },
	{ { 0x1e00, 0x1eff }, 1 },
	{ { 0x1f00, 0x1fff }, 2 },
	{ { 0x2c60, 0x2c7f }, 1 },
	{ { 0x2c80, 0x2cff }, 6 },	/* Coptic */
	{ { 0xa4d0, 0xa4ff }, 7 },	/* Lisu */
	{ { 0xa640, 0xa69f }, 3 },
	{ { 0xa720, 0xa7ff }, 1 },
	{ { 0xab30, 0xab64 }, 1 },
	{ { 0xab70, 0xabbf }, 5 },
	{ { 0xff21, 0xff5a }, 1 },
};

static bool
in_ranges(uint32_t cp, const struct range *r, size_t n)
{
	while (n > 0) {
		size_t half = n / 2;

		if (cp < r[half].first)
			n = half;
		else if (cp > r[half].last)
			r += half + 1, n -= half + 1;
		else
			return true;
	}
	return false;
}

static const utf8proc_property_t *
property(uint32_t cp)
{
	return utf8proc_get_property((utf8proc_int32_t)cp);
}

static bool
is_mark(int category)
{
	return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC ||
	       category == UTF8PROC_CATEGORY_ME;
}

static bool
is_letter(int category)
{
	return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}

static bool
is_noncharacter(uint32_t cp)
{
	return (cp & 0xfffe) == 0xfffe || (cp >= 0xfdd0 && cp <= 0xfdef);
}

/* The signs of category Cf that are seen: they stand under or around numbers. */
static bool
is_prepended(const utf8proc_property_t *prop)
{
	return prop->boundclass == UTF8PROC_BOUNDCLASS_PREPEND;
}

static enum text_class
class_by_category(uint32_t cp)
{
	const utf8proc_property_t *prop = property(cp);

	if (is_mark(prop->category))
		return TEXT_MARK;
	if (prop->category == UTF8PROC_CATEGORY_CF && !is_prepended(prop))
		return TEXT_HIDDEN;
	if (prop->category != UTF8PROC_CATEGORY_CN)
		return TEXT_VISIBLE;
	return is_noncharacter(cp) ? TEXT_NONCHARACTER : TEXT_UNASSIGNED;
}

static bool
is_wide_letter(uint32_t cp)
{
	return (cp >= 0x4e00 && cp <= 0x9fff) || (cp >= 0xac00 && cp <= 0xd7a3) ||
	       (cp >= 0x3041 && cp <= 0x3096) || (cp >= 0x30a1 && cp <= 0x30fa);
}

bool
text_is_simple(uint32_t cp)
{
	return (cp >= 0x20 && cp < 0x7f) || (cp >= 0xc0 && cp < 0x300) ||
	       (cp >= 0x400 && cp < 0x483) || is_wide_letter(cp);
}

enum text_class
text_class(uint32_t cp)
{
	if (text_is_simple(cp))
		return TEXT_VISIBLE;
	if (utf8_is_control(cp))
		return TEXT_CONTROL;
	if (utf8_is_bidi(cp))
		return TEXT_BIDI;
	if (cp == 0x200c || cp == 0x200d)
		return TEXT_JOINER;
	if (cp == 0xfe0e || cp == 0xfe0f)
		return TEXT_SELECTOR;
	if (cp == 0x2028 || cp == 0x2029)
		return TEXT_SEPARATOR;
	if (in_ranges(cp, hidden, countof(hidden)))
		return TEXT_HIDDEN;
	return class_by_category(cp);
}

/* Medial vowels and final consonants are drawn inside the syllable that they belong to. */
static bool
is_inner_jamo(uint32_t cp)
{
	return (cp >= 0x1160 && cp <= 0x11ff) || (cp >= 0xd7b0 && cp <= 0xd7ff);
}

int
text_columns(uint32_t cp)
{
	if (text_is_simple(cp))
		return is_wide_letter(cp) ? 2 : 1;
	switch (text_class(cp)) {
	case TEXT_VISIBLE:
	case TEXT_NONCHARACTER:
	case TEXT_UNASSIGNED:
		if (is_inner_jamo(cp))
			return 0;
		return property(cp)->charwidth == 2 ? 2 : 1;
	case TEXT_MARK:
		return text_is_spacing_mark(cp);
	case TEXT_SEPARATOR:
		return 1;
	default:
		return 0;
	}
}

bool
text_is_pictograph(uint32_t cp)
{
	return cp >= 0xa9 &&
	       property(cp)->boundclass == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}

bool
text_is_keycap(uint32_t cp)
{
	return (cp >= '0' && cp <= '9') || cp == '#' || cp == '*';
}

bool
text_is_skin_tone(uint32_t cp)
{
	return cp >= 0x1f3fb && cp <= 0x1f3ff;
}

bool
text_is_regional(uint32_t cp)
{
	return cp >= 0x1f1e6 && cp <= 0x1f1ff;
}

bool
text_is_spacing_mark(uint32_t cp)
{
	return property(cp)->category == UTF8PROC_CATEGORY_MC;
}

bool
text_joins(uint32_t cp)
{
	int category;

	if (!in_ranges(cp, joining, countof(joining)))
		return false;
	category = property(cp)->category;
	return is_letter(category) || is_mark(category);
}

bool
text_is_virama(uint32_t cp)
{
	return property(cp)->combining_class == 9;
}

int
text_lookalike(uint32_t cp)
{
	for (size_t i = 0; i < countof(lookalikes) && cp >= lookalikes[i].range.first; i++)
		if (cp <= lookalikes[i].range.last)
			return is_letter(property(cp)->category) && cp != 0xb5 &&
			       cp != 0xaa && cp != 0xba ? lookalikes[i].script : 0;
	return 0;
}

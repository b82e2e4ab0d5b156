/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which characters are words of their own. */
#include "store/spread.h"

#include "base/utf8.h"

#define FIRST_LEAD 0xe1		/* below it no UTF-8 sequence of these begins */

static bool
stands_alone(uint32_t cp)
{
	static const struct { uint32_t lo, hi; } range[] = {
		{ 0x3040, 0x30ff }, { 0x31f0, 0x31ff }, { 0xff66, 0xff9f },	/* kana */
		{ 0x3400, 0x4dbf }, { 0x4e00, 0x9fff },				/* Han */
		{ 0xf900, 0xfaff }, { 0x20000, 0x3ffff },
		{ 0xac00, 0xd7a3 },						/* Hangul */
	};

	for (size_t i = 0; i < sizeof range / sizeof *range; i++)
		if (cp >= range[i].lo && cp <= range[i].hi)
			return true;
	return false;
}

bool
spread(const char *p, size_t n, struct buf *out)
{
	bool was_alone = false;

	while (n > 0) {
		bool alone = false;
		uint32_t cp;
		size_t k = 0;

		while (k < n && (unsigned char)p[k] < FIRST_LEAD)
			k++;
		if (k == 0) {
			int len = utf8_next(p, n, &cp);

			alone = len > 0 && stands_alone(cp);
			k = len > 0 ? (size_t)len : (size_t)-len;
		}
		if (((alone || was_alone) && !buf_addc(out, ' ')) || !buf_add(out, p, k))
			return false;
		was_alone = alone;
		p += k;
		n -= k;
	}
	return true;
}

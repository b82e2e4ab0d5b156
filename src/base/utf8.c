/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UTF-8, strictly, by Unicode 15, table 3-7. */
#include "base/utf8.h"

#include <string.h>

/* What a lead byte demands: the length, and the range of the second byte, which is what keeps
 * overlong forms, surrogates and values above U+10FFFF out. */
struct lead { unsigned char len, lo, hi; };

static struct lead
utf8_lead(unsigned char c)
{
	if (c >= 0xc2 && c <= 0xdf)
		return (struct lead){ 2, 0x80, 0xbf };
	if (c >= 0xe0 && c <= 0xef)
		return (struct lead){ 3, c == 0xe0 ? 0xa0 : 0x80, c == 0xed ? 0x9f : 0xbf };
	if (c >= 0xf0 && c <= 0xf4)
		return (struct lead){ 4, c == 0xf0 ? 0x90 : 0x80, c == 0xf4 ? 0x8f : 0xbf };
	return (struct lead){ 0, 0, 0 };
}

int
utf8_next(const char *p, size_t n, uint32_t *cp)
{
	const unsigned char *s = (const unsigned char *)p;
	struct lead lead;
	uint32_t c = s[0];
	int i;

	if (c < 0x80) {
		*cp = c;
		return 1;
	}
	*cp = UINT32_C(0xfffd);
	lead = utf8_lead(s[0]);
	if (lead.len == 0)
		return -1;
	c &= 0x7fu >> lead.len;
	for (i = 1; i < lead.len; i++) {
		if ((size_t)i >= n || s[i] < lead.lo || s[i] > lead.hi)
			return -i;
		c = c << 6 | (s[i] & 0x3f);
		lead.lo = 0x80;
		lead.hi = 0xbf;
	}
	*cp = c;
	return i;
}

int
utf8_put(uint32_t cp, char out[4])
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xc0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xe0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		out[2] = (char)(0x80 | (cp & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
	out[3] = (char)(0x80 | (cp & 0x3f));
	return 4;
}

size_t
utf8_ascii(const char *p, size_t n)
{
	size_t i = 0;

	for (; i + sizeof(uint64_t) <= n; i += sizeof(uint64_t)) {
		uint64_t word;

		memcpy(&word, p + i, sizeof word);
		if (word & UINT64_C(0x8080808080808080))
			break;
	}
	while (i < n && (unsigned char)p[i] < 0x80)
		i++;
	return i;
}

bool
utf8_valid(const char *p, size_t n, size_t *bad)
{
	size_t i = 0;

	while ((i += utf8_ascii(p + i, n - i)) < n) {
		uint32_t cp;
		int len = utf8_next(p + i, n - i, &cp);

		if (len < 0) {
			if (bad)
				*bad = i;
			return false;
		}
		i += (size_t)len;
	}
	return true;
}

size_t
utf8_cut(const char *p, size_t n)
{
	/* the last lead byte is among the last four bytes, or it is not cut */
	for (size_t back = 1; back <= 4 && back <= n; back++) {
		unsigned char c = (unsigned char)p[n - back];

		if ((c & 0xc0) != 0x80)
			return utf8_lead(c).len > back ? n - back : n;
	}
	return n;
}

bool
utf8_is_bidi(uint32_t cp)
{
	return cp == 0x061c || cp == 0x200e || cp == 0x200f || (cp >= 0x202a && cp <= 0x202e) ||
	       (cp >= 0x2066 && cp <= 0x2069);
}

bool
utf8_is_control(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp <= 0x9f);
}

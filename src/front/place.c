/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The conversation that was shown last: a file that says "ACCOUNT CONVERSATION". */
#include "front/place.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"

#define PLACE_MAX 4096		/* bytes of the file */

void
place_read(const struct paths *paths, struct place *p)
{
	char *path = path_join(paths->state, "place"), *text = path_read(path, PLACE_MAX, NULL,
			NULL);
	size_t n = text ? strcspn(text, " \n") : 0;

	*p = (struct place){ NULL, NULL };
	if (text && text[n] == ' ') {
		p->account = xstrndup(text, n);
		p->conv = xstrndup(text + n + 1, strcspn(text + n + 1, "\n"));
	}
	free(text);
	free(path);
}

void
place_write(const struct paths *paths, const char *account, const char *conv)
{
	char *path, *text;

	if (!path_make_dir(paths->state, NULL))
		return;
	path = path_join(paths->state, "place");
	text = xasprintf("%s %s\n", account, conv);
	path_write(path, text, strlen(text), NULL);
	free(text);
	free(path);
}

void
place_done(struct place *p)
{
	free(p->account);
	free(p->conv);
	*p = (struct place){ NULL, NULL };
}

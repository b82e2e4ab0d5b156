/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a line that a person typed means. */
#include "front/typed.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cmds/cmd.h"

enum typed
typed_kind(const char *text)
{
	size_t word = strcspn(text, " \n");

	if (*text == '\0')
		return TYPED_NOTHING;
	return text[0] == '/' && text[1] != '/' && !memchr(text + 1, '/', word > 0 ? word - 1 : 0)
			? TYPED_COMMAND : TYPED_TEXT;
}

const char *
typed_message(const char *text)
{
	return text[0] == '/' && text[1] == '/' ? text + 1 : text;
}

bool
typed_check(const struct cmd_ctx *c, const char *text, struct err *err)
{
	char *name = xstrndup(text + 1, strcspn(text + 1, " \n"));
	bool ok = cmd_find(c, name) != NULL;

	if (!ok)
		cmd_unknown(c, name, err);
	free(name);
	return ok;
}

bool
typed_is_secret(const char *text)
{
	static const char *const starts[] = { "/account", "/config" };

	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
		if (strncmp(text, starts[i], strlen(starts[i])) == 0)
			return true;
	}
	return false;
}

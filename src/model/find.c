/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions to the model. */
#include <stdlib.h>
#include <string.h>

#include "model/model.h"

int
model_account(const struct model *m, const char *name)
{
	for (size_t i = 0; i < m->accounts.n; i++) {
		if (strcmp(m->accounts.v[i].name, name) == 0)
			return (int)i;
	}
	return -1;
}

int
model_conv(const struct model *m, const char *account, const char *conv)
{
	int a = model_account(m, account);

	for (size_t i = 0; a >= 0 && i < m->convs.n; i++) {
		if (m->convs.v[i].account == (size_t)a && strcmp(m->convs.v[i].conv, conv) == 0)
			return (int)i;
	}
	return -1;
}

int
model_shown(const struct model *m)
{
	if (!m->window.conv)
		return -1;
	return model_conv(m, m->window.account, m->window.conv);
}

static int
by_number(const struct model *m, const char *s)
{
	char *end;
	long n = strtol(s, &end, 10);

	return *end == '\0' && n >= 1 && (size_t)n <= m->convs.n ? (int)n - 1 : -1;
}

/* The one of all conversations of account (-1: any) that fits; -1 when none or several do. */
static int
by_name(const struct model *m, const char *target, int account, bool whole)
{
	size_t n = strlen(target);
	int found = -1;

	for (size_t i = 0; i < m->convs.n; i++) {
		const struct model_conv *c = &m->convs.v[i];
		const char *name = c->name;

		if (account >= 0 && c->account != (size_t)account)
			continue;
		if (strcmp(c->conv, target) == 0)
			return (int)i;
		if (*target != '#' && *target != '@' && *name != '\0')
			name++;
		if (whole ? strcmp(name, target) != 0 : strncmp(name, target, n) != 0)
			continue;
		if (whole)
			return (int)i;
		if (found >= 0)
			return -1;
		found = (int)i;
	}
	return found;
}

int
model_find(const struct model *m, const char *target, const char *account)
{
	int a = account ? model_account(m, account) : -1;
	int i;

	if (*target == '\0')
		return -1;
	if (*target >= '0' && *target <= '9' && (i = by_number(m, target)) >= 0)
		return i;
	if (a >= 0 && (i = by_name(m, target, a, true)) >= 0)
		return i;
	if ((i = by_name(m, target, -1, true)) >= 0)
		return i;
	if (a >= 0 && (i = by_name(m, target, a, false)) >= 0)
		return i;
	return by_name(m, target, -1, false);
}

bool
model_is_acked(const struct model *m, const char *cid)
{
	for (size_t i = 0; cid && i < m->acked.n; i++) {
		if (strcmp(m->acked.v[i].cid, cid) == 0)
			return true;
	}
	return false;
}

bool
model_is_online(const struct model *m)
{
	for (size_t i = 0; i < m->accounts.n; i++) {
		if (m->accounts.v[i].link == LINK_ONLINE)
			return true;
	}
	return false;
}

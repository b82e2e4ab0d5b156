/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages by number or id; what is not mirrored is fetched once by whoever asks. */
#include "cmds/which.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "cmds/cmd.h"
#include "cmds/print.h"
#include "store/reader.h"

#define FETCH_MS 10000

static bool
take_id(void *arg, const struct message *m)
{
	struct which *w = arg;

	str_copy(w->id, sizeof w->id, m->id);
	return false;
}

/* Does text name a message by its number? */
static bool
is_number(const char *text, int64_t *seq)
{
	char *end;

	*seq = strtoll(text, &end, 10);
	return *text && !*end && *seq > 0;
}

static enum which_result
fetch_first(struct which *w, struct request fetch)
{
	w->fetch = fetch;
	w->fetch.verb = VERB_FETCH;
	w->fetch.timeout_ms = FETCH_MS;
	return WHICH_FETCH;
}

enum which_result
which_find(struct cmd_run *r, const char *target, const char *message, bool may_fetch,
		struct which *w, struct err *err)
{
	struct target *t = &w->target;
	int64_t seq = 0;

	may_fetch = is_number(message, &seq) && may_fetch && !r->ctx->offline;
	memset(w, 0, sizeof *w);
	if (!target_find(r->ctx, target, t, err)) {
		if (may_fetch && err->kind == ERR_REFUSED)
			return fetch_first(w, (struct request){ .account = r->ctx->account,
				.target = target, .lo = seq - 1, .hi = seq });
		return WHICH_UNKNOWN;
	}
	if (reader_message(t->reader, t->conv, message, take_id, w, err))
		return WHICH_FOUND;
	if (err->kind == ERR_NONE && may_fetch && seq <= t->row.head)
		return fetch_first(w, (struct request){ .account = t->account, .target = t->conv,
			.lo = seq - 1, .hi = seq });
	if (err->kind == ERR_NONE)
		err_set(err, ERR_REFUSED, _("there is no message %.40s in %s"), message,
				print_name(&t->row));
	return WHICH_UNKNOWN;
}

void
which_done(struct which *w)
{
	target_done(&w->target);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is true: events in, state out. */
#include "model/model.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/window.h"

static void
set_string(char **to, const char *s)
{
	if (*to && strcmp(*to, s) == 0)
		return;
	free(*to);
	*to = xstrdup(s);
}

static void
set_name(struct safe_text *to, const char *s)
{
	text_done(to);
	*to = text_name(s, strlen(s));
}

void
model_init(struct model *m)
{
	*m = (struct model){ .is_dirty = true };
}

static void
conv_done(struct model_conv *c)
{
	free(c->conv);
	free(c->name);
	free(c->epoch);
	text_done(&c->label);
	text_done(&c->topic);
}

static void
account_done(struct model_account *a)
{
	free(a->name);
	free(a->user);
	text_done(&a->label);
	text_done(&a->user_label);
	text_done(&a->server);
	text_done(&a->why);
}

static void
typing_done(struct typing *t)
{
	free(t->account);
	free(t->conv);
	free(t->from);
	text_done(&t->label);
}

static void
pending_clear(struct model *m)
{
	for (size_t i = 0; i < m->pending.n; i++)
		row_done(&m->pending.v[i]);
	m->pending.n = 0;
	m->more_pending = false;
}

void
model_done(struct model *m)
{
	window_done(&m->window);
	pending_clear(m);
	for (size_t i = 0; i < m->accounts.n; i++)
		account_done(&m->accounts.v[i]);
	for (size_t i = 0; i < m->convs.n; i++)
		conv_done(&m->convs.v[i]);
	for (size_t i = 0; i < m->locals.n; i++)
		row_done(&m->locals.v[i]);
	for (size_t i = 0; i < m->typing.n; i++)
		typing_done(&m->typing.v[i]);
	arr_done(&m->accounts);
	arr_done(&m->convs);
	arr_done(&m->locals);
	arr_done(&m->pending);
	arr_done(&m->typing);
	arr_done(&m->acked);
}

static struct model_account *
account_named(struct model *m, const char *name)
{
	int i = model_account(m, name);
	struct model_account *a;

	if (i >= 0)
		return &m->accounts.v[i];
	if (m->accounts.n == MODEL_ACCOUNTS_MAX)
		return NULL;
	a = arr_new(&m->accounts);
	a->name = xstrdup(name);
	a->user = xstrdup("");
	a->label = text_name(name, strlen(name));
	a->latency_ms = -1;
	return a;
}

static void
apply_link(struct model *m, const struct event *ev)
{
	struct model_account *a = account_named(m, ev->account);

	if (!a)
		return;
	a->link = ev->link.state;
	a->latency_ms = ev->link.latency_ms;
	a->tls = ev->link.tls;
	a->retry_at = ev->link.state == LINK_WAITING ? m->now + ev->link.retry_ms : 0;
	set_name(&a->why, ev->link.why);
	set_name(&a->server, ev->link.server);
	if (ev->link.user[0]) {
		set_string(&a->user, ev->link.user);
		set_name(&a->user_label, ev->link.user);
	}
	if (m->window.account && strcmp(m->window.account, a->name) == 0 &&
			strcmp(m->window.user, a->user) != 0) {
		set_string(&m->window.user, a->user);
		m->window.is_stale = true;
	}
	m->is_dirty = true;
}

/* The order of the list: accounts as configured, rooms by name, then people by name. */
static int
order(const struct model_conv *a, const struct model_conv *b)
{
	if (a->account != b->account)
		return a->account < b->account ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return strcmp(a->name, b->name);
}

static void
place(struct model *m, struct model_conv *c)
{
	size_t i = m->convs.n;

	while (i > 0 && order(&m->convs.v[i - 1], c) > 0)
		i--;
	arr_insert(&m->convs, i, *c);
}

/* The place of the conversation that ev is about, made if it is new; NULL when there is no room
 * or it is not for the list. */
static struct model_conv *
conv_for(struct model *m, const struct event *ev)
{
	int i = model_conv(m, ev->account, ev->conv);
	struct model_conv c = { 0 };
	struct model_account *a;

	if (i >= 0 && strcmp(m->convs.v[i].name, ev->name) == 0)
		return &m->convs.v[i];
	if (i >= 0) {
		c = m->convs.v[i];
		arr_remove(&m->convs, (size_t)i);
	} else if (m->convs.n == MODEL_CONVS_MAX) {
		return NULL;
	}
	a = account_named(m, ev->account);
	if (!a)
		return NULL;
	c.account = a - m->accounts.v;
	c.kind = ev->convs.kind;
	set_string(&c.conv, ev->conv);
	set_string(&c.name, ev->name);
	set_name(&c.label, ev->name);
	place(m, &c);
	return &m->convs.v[model_conv(m, ev->account, ev->conv)];
}

static bool
is_shown(const struct model *m, const char *account, const char *conv)
{
	return m->window.conv && strcmp(m->window.conv, conv) == 0 &&
			strcmp(m->window.account, account) == 0;
}

static void
stop_typing(struct model *m, const char *account, const char *conv, const char *from)
{
	for (size_t i = m->typing.n; i-- > 0;) {
		struct typing *t = &m->typing.v[i];

		if ((from && strcmp(t->from, from) != 0) || strcmp(t->conv, conv) != 0 ||
				strcmp(t->account, account) != 0)
			continue;
		typing_done(t);
		arr_remove(&m->typing, i);
		m->is_dirty = true;
	}
}

static void
apply_conv(struct model *m, const struct event *ev)
{
	struct model_conv *c;
	int i;

	if (ev->convs.kind == CONV_USER)
		return;
	i = model_conv(m, ev->account, ev->conv);
	if (ev->convs.closed && i >= 0 && ev->convs.top == 0 &&
			!is_shown(m, ev->account, ev->conv)) {
		conv_done(&m->convs.v[i]);
		arr_remove(&m->convs, (size_t)i);
		m->is_dirty = true;
		return;
	}
	c = conv_for(m, ev);
	if (!c)
		return;
	set_string(&c->epoch, ev->convs.epoch);
	if (c->topic.n == 0 || strcmp(c->topic.p, ev->convs.topic) != 0)
		set_name(&c->topic, ev->convs.topic);
	c->head = ev->convs.head;
	c->top = ev->convs.top;
	c->floor = ev->convs.floor;
	c->read = ev->convs.read;
	c->unread = ev->convs.unread;
	c->mentions = ev->convs.mentions;
	c->closed = ev->convs.closed;
	if (is_shown(m, ev->account, ev->conv))
		window_conv(&m->window, ev);
	m->is_dirty = true;
}

static void
note_acked(struct model *m, const char *cid)
{
	struct acked a = { .until = m->now + MODEL_ACKED_MS };

	if (!str_copy(a.cid, sizeof a.cid, cid))
		return;
	if (m->acked.n == MODEL_ACKED_MAX)
		arr_remove(&m->acked, 0);
	arr_push(&m->acked, a);
}

static void
apply_outbox(struct model *m, const struct event *ev)
{
	if (is_shown(m, ev->account, ev->conv)) {
		m->window.pending_stale = true;
		if (ev->outbox.state == OUTBOX_ACKED && !ev->outbox.dup)
			note_acked(m, ev->outbox.cid);
	}
	m->outbox_stale = true;
	m->is_dirty = true;
}

static void
apply_typing(struct model *m, const struct event *ev)
{
	struct typing t;
	int i = model_account(m, ev->account);

	stop_typing(m, ev->account, ev->conv, ev->typing.from);
	if (ev->typing.ttl_ms <= 0 || m->typing.n == MODEL_TYPING_MAX ||
			(i >= 0 && strcmp(m->accounts.v[i].user, ev->typing.from) == 0))
		return;
	t = (struct typing){
		.account = xstrdup(ev->account),
		.conv = xstrdup(ev->conv),
		.from = xstrdup(ev->typing.from),
		.label = text_name(ev->typing.from, strlen(ev->typing.from)),
		.until = m->now + ev->typing.ttl_ms,
	};
	arr_push(&m->typing, t);
	m->is_dirty = true;
}

static void
apply_notice(struct model *m, const struct event *ev)
{
	struct row r = { .kind = ROW_LOCAL, .level = ev->notice.level };

	r.number = ++m->local_number;
	r.seq = m->window.hi;
	r.id = m->window.conv ? xasprintf("%s/%s", m->window.account, m->window.conv)
			: xstrdup("");
	r.text = text_body(ev->notice.text, strlen(ev->notice.text));
	if (m->locals.n == MODEL_LOCAL_MAX) {
		row_done(&m->locals.v[0]);
		arr_remove(&m->locals, 0);
	}
	arr_push(&m->locals, r);
	m->is_dirty = true;
}

static void
apply_page(struct model *m, const struct event *ev)
{
	int a = ev->page.anew ? model_account(m, ev->account) : -1;
	int c = ev->page.anew ? model_conv(m, ev->account, ev->conv) : -1;

	window_page(&m->window, ev, a >= 0 ? m->accounts.v[a].user : "",
			c >= 0 ? m->convs.v[c].epoch : "");
	if (ev->page.anew) {
		pending_clear(m);
		m->window.fresh = c >= 0 ? m->convs.v[c].top : 0;
		m->window.pending_stale = true;
	}
}

static void
apply_pending(struct model *m, const struct event *ev)
{
	if (!ev->pending) {
		pending_clear(m);
		m->window.pending_stale = false;
	} else if (m->pending.n == MODEL_PENDING_MAX) {
		m->more_pending = true;
	} else if (m->window.conv) {
		row_from_outbox(arr_new(&m->pending), ev->pending, m->window.user, m->now);
	}
	m->is_dirty = true;
}

static void
apply_page_end(struct model *m, const struct event *ev)
{
	window_page_end(&m->window, ev->page_end.at_old, ev->page_end.at_new,
			ev->page_end.keep_old);
	m->is_dirty = true;
}

static void
apply_row(struct model *m, const struct event *ev)
{
	if (m->window.conv)
		stop_typing(m, m->window.account, m->window.conv, ev->row->from);
	window_row(&m->window, ev->row);
}

void
model_apply(struct model *m, const struct event *ev)
{
	switch ((int)ev->type) {
	case EV_LINK:
		apply_link(m, ev);
		break;
	case EV_CONV:
		apply_conv(m, ev);
		break;
	case EV_OUTBOX:
		apply_outbox(m, ev);
		break;
	case EV_TYPING:
		apply_typing(m, ev);
		break;
	case EV_NOTICE:
		apply_notice(m, ev);
		break;
	case EV_PAGE:
		apply_page(m, ev);
		break;
	case EV_ROW:
		apply_row(m, ev);
		break;
	case EV_GAP:
		window_gap(&m->window, ev->gap.lo, ev->gap.hi);
		break;
	case EV_PAGE_END:
		apply_page_end(m, ev);
		break;
	case EV_REPLIED:
		window_replied(&m->window, ev->row);
		break;
	case EV_PENDING:
		apply_pending(m, ev);
		break;
	default:
		break;
	}
}

void
model_tick(struct model *m, int64_t now)
{
	m->now = now;
	for (size_t i = m->typing.n; i-- > 0;) {
		if (m->typing.v[i].until > now)
			continue;
		typing_done(&m->typing.v[i]);
		arr_remove(&m->typing, i);
		m->is_dirty = true;
	}
	for (size_t i = m->acked.n; i-- > 0;) {
		if (m->acked.v[i].until > now)
			continue;
		arr_remove(&m->acked, i);
		m->is_dirty = true;
	}
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a == 0 || b < a ? b : a;
}

int64_t
model_due(const struct model *m)
{
	int64_t due = 0;

	for (size_t i = 0; i < m->typing.n; i++)
		due = earlier(due, m->typing.v[i].until);
	for (size_t i = 0; i < m->acked.n; i++)
		due = earlier(due, m->acked.v[i].until);
	return due;
}

void
model_count_outbox(struct model *m, int64_t waiting, int64_t refused)
{
	m->is_dirty |= m->waiting != waiting || m->refused != refused;
	m->waiting = waiting;
	m->refused = refused;
	m->outbox_stale = false;
}

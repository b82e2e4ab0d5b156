/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plans of the proxy: words in, one plan a connection out. */
#include "program/plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SESSION_BYTES 6000	/* about what a short session carries, for plans drawn at random */

static const struct {
	const char *word;
	enum plan_kind kind;
	bool has_way;
	int numbers;
} kinds[] = {
	[PLAN_PASS] = { "pass", PLAN_PASS, false, 0 },
	[PLAN_CUT] = { "cut", PLAN_CUT, true, 1 },
	[PLAN_SWALLOW] = { "swallow", PLAN_SWALLOW, true, 1 },
	[PLAN_DELAY] = { "delay", PLAN_DELAY, false, 2 },
	[PLAN_TRICKLE] = { "trickle", PLAN_TRICKLE, false, 2 },
	[PLAN_LATE] = { "late", PLAN_LATE, false, 2 },
	[PLAN_REPLAY] = { "replay", PLAN_REPLAY, false, 0 },
};

/* splitmix64 */
static uint64_t
roll(struct plans *p, uint64_t n)
{
	uint64_t z = p->dice += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (z ^ z >> 31) % n;
}

static bool
take_numbers(struct plan *plan, int numbers, const char *words)
{
	int end = -1;

	if (numbers == 0)
		return *words == '\0';
	if (numbers == 2)
		return sscanf(words, "%" SCNd64 " %" SCNd64 "%n", &plan->at, &plan->most,
				&end) == 2 &&
			words[end] == '\0' && plan->at >= 0 && plan->most >= 0;
	if (sscanf(words, "%" SCNd64 "+%" SCNd64 "%n", &plan->at, &plan->step, &end) == 2 &&
			end > 0) {
		plan->is_sweep = true;
		return words[end] == '\0' && plan->at >= 0 && plan->step > 0;
	}
	return sscanf(words, "%" SCNd64 "%n", &plan->at, &end) == 1 && words[end] == '\0' &&
		plan->at >= 0;
}

bool
plans_add(struct plans *p, const char *words)
{
	struct plan plan = { 0 };
	char word[16], way[8];
	int n = 0, m = 0;

	if (p->n == PLANS_MAX || sscanf(words, "%15s %n", word, &n) != 1)
		return false;
	if (strcmp(word, "random") == 0) {
		p->is_random = true;
		return sscanf(words + n, "%" SCNu64, &p->dice) == 1;
	}
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (strcmp(word, kinds[i].word) != 0)
			continue;
		plan.kind = kinds[i].kind;
		if (kinds[i].has_way) {
			if (sscanf(words + n, "%7s %n", way, &m) != 1 ||
					(strcmp(way, "up") != 0 && strcmp(way, "down") != 0))
				return false;
			plan.way = strcmp(way, "up") == 0 ? WAY_UP : WAY_DOWN;
		}
		if (!take_numbers(&plan, kinds[i].numbers, words + n + m))
			return false;
		p->v[p->n++] = plan;
		return true;
	}
	return false;
}

static struct plan
draw(struct plans *p)
{
	struct plan plan = { .way = roll(p, 2) ? WAY_UP : WAY_DOWN };

	switch (roll(p, 8)) {
	case 0:
	case 1:
	case 2:
		plan.kind = PLAN_CUT;
		plan.at = (int64_t)roll(p, SESSION_BYTES);
		break;
	case 3:
		plan.kind = PLAN_DELAY;
		plan.most = 1 + (int64_t)roll(p, 60);
		break;
	case 4:
		plan.kind = PLAN_TRICKLE;
		plan.at = 1 + (int64_t)roll(p, 50);
		plan.most = 1;
		break;
	case 5:
	case 6:
		plan.kind = PLAN_LATE;
		plan.at = (int64_t)roll(p, SESSION_BYTES);
		plan.most = (int64_t)roll(p, 400);
		break;
	default:
		break;
	}
	return plan;
}

struct plan
plans_next(struct plans *p)
{
	struct plan plan = { 0 }, *own;

	if (p->is_random)
		return draw(p);
	if (p->n == 0)
		return plan;
	own = &p->v[p->turn++ % p->n];
	plan = *own;
	if (own->is_sweep)
		own->at += own->step;
	return plan;
}

void
plan_print(const struct plan *p, char text[64])
{
	int numbers = kinds[p->kind].numbers;

	snprintf(text, 64, "%s%s", kinds[p->kind].word,
			!kinds[p->kind].has_way ? "" : p->way == WAY_UP ? " up" : " down");
	if (numbers > 0)
		snprintf(text + strlen(text), 64 - strlen(text), " %" PRId64, p->at);
	if (numbers > 1)
		snprintf(text + strlen(text), 64 - strlen(text), " %" PRId64, p->most);
}

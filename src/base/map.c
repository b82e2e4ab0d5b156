/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A hash map: open addressing with linear probing, deletion by shifting back, SipHash with a key
 * of its own. */
#include "base/map.h"

#include <sodium.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "base/mem.h"

#define MAP_FIRST 16	/* slots at first; always a power of two */

struct slot {
	char *key;		/* NULL: free */
	void *value;
	uint64_t hash;
};

struct map {
	struct slot *slots;
	size_t n, cap;
	unsigned char seed[crypto_shorthash_KEYBYTES];
};

struct map *
map_new(void)
{
	struct map *map = xcalloc(1, sizeof *map);

	random_bytes(map->seed, sizeof map->seed);
	map->cap = MAP_FIRST;
	map->slots = xcalloc(map->cap, sizeof *map->slots);
	return map;
}

void
map_free(struct map *map, void (*free_value)(void *))
{
	if (!map)
		return;
	for (size_t i = 0; i < map->cap; i++) {
		if (map->slots[i].key && free_value)
			free_value(map->slots[i].value);
		free(map->slots[i].key);
	}
	free(map->slots);
	free(map);
}

static uint64_t
map_hash(const struct map *map, const char *key)
{
	unsigned char out[crypto_shorthash_BYTES];
	uint64_t hash;

	crypto_shorthash(out, (const unsigned char *)key, strlen(key), map->seed);
	memcpy(&hash, out, sizeof hash);
	return hash;
}

/* The slot that holds key, or the free one where it would go. */
static size_t
map_find(const struct map *map, const char *key, uint64_t hash)
{
	size_t mask = map->cap - 1, i = hash & mask;

	while (map->slots[i].key &&
	       (map->slots[i].hash != hash || strcmp(map->slots[i].key, key) != 0))
		i = (i + 1) & mask;
	return i;
}

static void
map_grow(struct map *map)
{
	struct slot *old = map->slots;
	size_t cap = map->cap, mask = cap * 2 - 1;

	map->cap = cap * 2;
	map->slots = xcalloc(map->cap, sizeof *map->slots);
	for (size_t i = 0; i < cap; i++) {
		size_t at = old[i].hash & mask;

		if (!old[i].key)
			continue;
		while (map->slots[at].key)
			at = (at + 1) & mask;
		map->slots[at] = old[i];
	}
	free(old);
}

void *
map_get(const struct map *map, const char *key)
{
	return map->slots[map_find(map, key, map_hash(map, key))].value;
}

void *
map_put(struct map *map, const char *key, void *value)
{
	uint64_t hash = map_hash(map, key);
	struct slot *slot = &map->slots[map_find(map, key, hash)];
	void *old = slot->value;

	if (!slot->key) {
		*slot = (struct slot){ xstrdup(key), value, hash };
		/* at most three quarters full, so that a free slot ends every search */
		if (++map->n > map->cap / 4 * 3)
			map_grow(map);
		return NULL;
	}
	slot->value = value;
	return old;
}

void *
map_del(struct map *map, const char *key)
{
	size_t mask = map->cap - 1;
	size_t hole = map_find(map, key, map_hash(map, key));
	void *old = map->slots[hole].value;

	if (!map->slots[hole].key)
		return NULL;
	free(map->slots[hole].key);
	for (size_t i = (hole + 1) & mask; map->slots[i].key; i = (i + 1) & mask) {
		size_t home = map->slots[i].hash & mask;

		/* stays if its home lies behind the hole, seen around the end */
		if (((i - home) & mask) < ((i - hole) & mask))
			continue;
		map->slots[hole] = map->slots[i];
		hole = i;
	}
	map->slots[hole] = (struct slot){ 0 };
	map->n--;
	return old;
}

size_t
map_count(const struct map *map)
{
	return map->n;
}

const char *
map_next(const struct map *map, size_t *at, void **value)
{
	while (*at < map->cap) {
		const struct slot *slot = &map->slots[(*at)++];

		if (!slot->key)
			continue;
		if (value)
			*value = slot->value;
		return slot->key;
	}
	return NULL;
}

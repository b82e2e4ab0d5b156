/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A hash map from strings to pointers. Keys are copied; values stay the caller's. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stddef.h>

struct map;

/* The hash is keyed by a random seed, so a peer cannot choose colliding keys. */
struct map *map_new(void);
/* Calls free_value (may be NULL) for every value. map may be NULL. */
void map_free(struct map *map, void (*free_value)(void *));
void *map_get(const struct map *map, const char *key);	/* NULL when absent */
/* Returns the value that was there before, or NULL. value must not be NULL. */
void *map_put(struct map *map, const char *key, void *value);
void *map_del(struct map *map, const char *key);	/* the value removed, or NULL */
size_t map_count(const struct map *map);
/* Walks all entries in no order: start with *at = 0; NULL key ends. The map must not change
 * meanwhile. */
const char *map_next(const struct map *map, size_t *at, void **value);

#endif

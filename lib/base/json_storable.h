#ifndef POTTO_BASE_JSON_STORABLE_H
#define POTTO_BASE_JSON_STORABLE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/text.h"

/* Whether the text is one object that PostgreSQL takes as jsonb: with no NUL and no number beyond its range. */
bool json_is_storable_object(struct text json, struct arena *arena);

#endif

/* Addresses of our own pages: a path and a query string that holds the page's whole state. Pure. */
#ifndef POTTO_FCGI_PAGES_LINK_H
#define POTTO_FCGI_PAGES_LINK_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/text.h"

enum { LINK_PARAMS_MAX = 24 };

struct link_param {
    const char *name;
    struct text value;
};

/* What a page shows: the parameters that differ from their defaults, in the order they are written. */
struct link_state {
    struct link_param params[LINK_PARAMS_MAX];
    int count;
};

/* Replaces the value if the name is there already; an empty value removes it. More than
 * LINK_PARAMS_MAX names are a bug. The text is not copied. */
void link_state_set(struct link_state *state, const char *name, struct text value);

/* `path` with the state as its query string, percent-encoded. */
struct text link_make(struct arena *arena, const char *path, const struct link_state *state);
/* The same with one parameter changed (or, with an empty value, removed). */
struct text link_change(struct arena *arena, const char *path, const struct link_state *state, const char *name,
                        struct text value);

/* True for a path of our own: one leading slash, no second slash or backslash after it, nothing that a
 * browser strips or reads as a host. What /login?next= may hold. */
bool link_is_own_path(struct text path);

#endif

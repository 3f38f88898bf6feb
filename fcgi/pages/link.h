/* Addresses of our own pages: a path, and a query string that holds the whole state of the page. Pure. */
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

/* The state of a page: the parameters that differ from their defaults, in the order in which they are written. */
struct link_state {
    struct link_param params[LINK_PARAMS_MAX];
    int count;
};

/* Set a parameter, replacing its earlier value; an empty value removes it. `value` is not copied. More than
 * LINK_PARAMS_MAX names are a bug. */
void link_state_set(struct link_state *state, const char *name, struct text value);

/* `path` with the state as its query string, percent-encoded. */
struct text link_make(struct arena *arena, const char *path, const struct link_state *state);
/* As link_make, with one parameter changed, or removed if `value` is empty. */
struct text link_change(struct arena *arena, const char *path, const struct link_state *state, const char *name,
                        struct text value);

/* Whether `path` may be the target of /login?next=. True for a path of our own: one leading slash, no second slash or
 * backslash after it, and no byte that a browser removes or reads as part of a host. */
bool link_is_own_path(struct text path);

#endif

/* Finds the route of a path by comparing it with every row of the table; shared by the fuzzer and the unit test. */
#ifndef POTTO_FUZZ_ROUTE_REFERENCE_H
#define POTTO_FUZZ_ROUTE_REFERENCE_H

#include <string.h>

#include "fcgi/request/path_alias.h"
#include "fcgi/request/url.h"
#include "fcgi/routes.h"

enum { ROUTE_PIECES_MAX = 16 };

/* Split a path into pieces. Returns their number; -1: more than ROUTE_PIECES_MAX, or a piece cannot be decoded. */
static inline int route_split(struct text path, bool is_encoded, struct arena *arena,
                              struct text pieces[ROUTE_PIECES_MAX])
{
    struct text rest = {path.data + 1, path.size - 1};
    int count = 0;

    if (rest.size == 0)
        return 0;
    while (count < ROUTE_PIECES_MAX && text_split(&rest, '/', &pieces[count])) {
        if (is_encoded && !url_decode(pieces[count], false, arena, &pieces[count]))
            return -1;
        count++;
    }
    return rest.data == NULL ? count : -1;
}

static inline bool route_is_param(struct text piece)
{
    return piece.size > 2 && piece.data[0] == '{';
}

/* Do the pieces fit the route's path? `out_kinds` gets a byte for each piece; that of a name sorts before that of a
 * parameter. */
static inline bool route_fits(const struct route *route, const struct text *pieces, int count, struct arena *arena,
                              char out_kinds[ROUTE_PIECES_MAX + 1])
{
    struct text wanted[ROUTE_PIECES_MAX];
    int wanted_count = route_split(text_of(route->path), false, arena, wanted);

    memset(out_kinds, 0, ROUTE_PIECES_MAX + 1);
    for (int i = 0; i < wanted_count && wanted_count == count; i++) {
        if (route_is_param(wanted[i]) ? pieces[i].size == 0 : !text_equal(wanted[i], pieces[i]))
            return false;
        out_kinds[i] = route_is_param(wanted[i]) ? 'P' : 'N';
    }
    return wanted_count == count;
}

/* Of the table's paths that fit, the one whose names come first; NULL if none fits. */
static inline const char *route_expected_path(struct text raw_path, struct arena *arena)
{
    struct text pieces[ROUTE_PIECES_MAX];
    int count = route_split(path_unalias(raw_path, arena), true, arena, pieces);
    char kinds[ROUTE_PIECES_MAX + 1], best[ROUTE_PIECES_MAX + 1] = "~";
    const char *path = NULL;

    for (size_t i = 0; count >= 0 && i < route_count; i++)
        if (route_fits(&routes[i], pieces, count, arena, kinds) && strcmp(kinds, best) < 0) {
            memcpy(best, kinds, sizeof best);
            path = routes[i].path;
        }
    return path;
}

static inline unsigned route_expected_methods(const char *path)
{
    unsigned methods_there = 0;

    for (size_t i = 0; i < route_count; i++)
        if (strcmp(routes[i].path, path) == 0)
            methods_there |= 1u << routes[i].method;
    return methods_there;
}

#endif

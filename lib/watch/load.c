/* See load.h. */
#include "watch/load.h"

#include <stdlib.h>

enum { BUCKETS_MIN = 12 };
/* Load of twice the usual level counts as raised. The rise began where the load passed 1.5 times that level. */
static const double raised_factor = 2, edge_factor = 1.5;

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return (a > b) - (a < b);
}

struct load_change load_change_of(const double *rates, size_t count, struct arena *arena)
{
    struct load_change change = {.is_raised = false};
    double *sorted, usual, raised_sum = 0;
    size_t first;

    if (count < BUCKETS_MIN)
        return change;
    sorted = arena_copy(arena, rates, count * sizeof *rates);
    qsort(sorted, count, sizeof *sorted, compare_doubles);
    usual = sorted[count / 2];
    if (usual <= 0 || rates[count - 1] < raised_factor * usual)
        return change;
    for (first = count; first > 0 && rates[first - 1] >= edge_factor * usual; first--)
        raised_sum += rates[first - 1];
    return (struct load_change){true, raised_sum / (double)(count - first) / usual, first};
}

double load_growth(const double *points, size_t count, size_t split)
{
    double before = 0, after = 0;

    for (size_t i = 0; i < count; i++)
        *(i < split ? &before : &after) += points[i];
    return after / (double)(count - split) - before / (double)split;
}

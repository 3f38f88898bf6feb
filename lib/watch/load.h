/* Changes of load: when a series rose far above its usual level, and which statement grew with it. Pure. */
#ifndef POTTO_WATCH_LOAD_H
#define POTTO_WATCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct load_change {
    bool is_raised;
    double factor; /* mean of the raised buckets over the usual level, which is the median of all */
    size_t first;  /* the first raised bucket; all after it are raised too */
};

/* `rates`: one number a bucket, oldest first, whole buckets alone. Fewer than a dozen say nothing. */
struct load_change load_change_of(const double *rates, size_t count, struct arena *arena);

/* By how much the mean of points from `split` on exceeds the mean of those before; 0 < split < count. */
double load_growth(const double *points, size_t count, size_t split);

#endif

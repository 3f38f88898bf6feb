/* Changes of load: when a series rose far above its usual level, and how much a statement grew at that time. Pure. */
#ifndef POTTO_WATCH_LOAD_H
#define POTTO_WATCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct load_change {
    bool is_raised;
    double factor; /* mean of the raised buckets, divided by the usual level (the median of all buckets) */
    size_t first;  /* the first raised bucket; all later ones are raised too */
};

/* `rates` has one number for each complete bucket, oldest first. With fewer than 12, nothing is raised. */
struct load_change load_change_of(const double *rates, size_t count, struct arena *arena);

/* The mean of the points from `split` on, minus the mean of those before; 0 < split < count. */
double load_growth(const double *points, size_t count, size_t split);

#endif

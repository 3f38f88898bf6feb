/* Whether a statement takes longer or shorter than before, beyond what its intervals differ by themselves. Pure. */
#ifndef POTTO_FACTS_DIFFERENCE_H
#define POTTO_FACTS_DIFFERENCE_H

#include <stdint.h>

enum {
    DIFFERENCE_CALLS_MIN = 5,     /* on each side, to say anything */
    DIFFERENCE_INTERVALS_MIN = 3, /* on each side: fewer do not show how much they differ by themselves */
};
#define DIFFERENCE_RATIO_MIN 1.2 /* of the means, up or down; less is no difference that somebody would act on */

/* Of intervals, each with the mean of its executions. Logarithms: twice as long and half as long are as far away. */
struct difference_side {
    int64_t calls;
    double mean_ms; /* of all executions */
    int64_t intervals;
    double log_mean, log_deviation; /* of the intervals' means, natural; with intervals alone */
};

enum difference {
    DIFFERENCE_UNSET, /* cannot be told */
    DIFFERENCE_NONE,  /* none to be seen: small, or within the noise */
    DIFFERENCE_SLOWER,
    DIFFERENCE_FASTER,
    DIFFERENCE_COUNT
};

/* As in the API: "unknown", "none", "slower", "faster". */
const char *difference_name(enum difference difference);

/* The difference is larger than the intervals' deviation, and larger than chance would make it. */
enum difference difference_of(const struct difference_side *before, const struct difference_side *after);

#endif

/* Measures of statements; see measures.h. */
#include "facts/measures.h"

#include "facts/sums.h"

_Static_assert((int)MEASURE_END <= (int)MEASURE_AMOUNT_BITS, "each measure has a bit in the first entry");

static const struct {
    const char *name;
    enum measure_unit unit;
} abouts[MEASURE_END] = {
#define ABOUT(NAME, name, unit) [MEASURE_##NAME] = {name, unit},
    MEASURES(ABOUT)
#undef ABOUT
};

/* A thousand million times and milliseconds, as for counters (facts/growth.h); a thousand million kB. */
static const double a_second_max[] = {
    [MEASURE_UNIT_UNSET] = 0, [MEASURE_TIMES] = 1e9, [MEASURE_BYTES] = 1e12, [MEASURE_MICROSECONDS] = 1e12};

const char *measure_name(enum measure measure)
{
    return abouts[measure].name;
}

enum measure_unit measure_unit(enum measure measure)
{
    return abouts[measure].unit;
}

double measure_a_second_max(enum measure measure)
{
    return a_second_max[abouts[measure].unit];
}

struct measures measures_unknown(void)
{
    struct measures measures;

    for (int i = 0; i < MEASURE_END; i++)
        measures.amounts[i] = MEASURE_UNKNOWN;
    return measures;
}

bool measures_know(const struct measures *measures, enum measure measure)
{
    return measures != NULL && measures->amounts[measure] >= 0;
}

bool measures_know_any(const struct measures *measures)
{
    for (int i = MEASURE_UNSET + 1; i < MEASURE_END; i++)
        if (measures_know(measures, (enum measure)i))
            return true;
    return false;
}

bool measures_know_same(const struct measures *one, const struct measures *other)
{
    for (int i = MEASURE_UNSET + 1; i < MEASURE_END; i++)
        if (measures_know(one, (enum measure)i) != measures_know(other, (enum measure)i))
            return false;
    return true;
}

void measures_add(struct measures *sums, const struct measures *more)
{
    for (int i = MEASURE_UNSET + 1; i < MEASURE_END; i++) {
        int64_t *sum = &sums->amounts[i];

        if (measures_know(more, (enum measure)i))
            *sum = *sum < 0 ? more->amounts[i] : sums_add_count(*sum, more->amounts[i]);
    }
}

static int64_t gained(const struct measures *before, const struct measures *now, enum measure measure, bool is_whole)
{
    if (!measures_know(now, measure))
        return MEASURE_UNKNOWN;
    if (is_whole)
        return now->amounts[measure];
    if (!measures_know(before, measure) || now->amounts[measure] < before->amounts[measure])
        return MEASURE_UNKNOWN;
    return now->amounts[measure] - before->amounts[measure];
}

struct measures measures_growth(const struct measures *before, const struct measures *now, bool is_whole,
                                uint64_t silent)
{
    struct measures growth = measures_unknown();

    for (int i = MEASURE_UNSET + 1; i < MEASURE_END; i++) {
        int64_t amount = gained(before, now, (enum measure)i, is_whole);
        bool is_silent = (silent >> i & 1) != 0;

        growth.amounts[i] = is_silent && amount == 0 ? MEASURE_UNKNOWN : amount;
    }
    return growth;
}

struct measures measures_piece(const struct measures *whole, int index, int count)
{
    struct measures piece = measures_unknown();

    for (int i = MEASURE_UNSET + 1; i < MEASURE_END; i++)
        if (measures_know(whole, (enum measure)i))
            piece.amounts[i] = sums_part(whole->amounts[i], index, count);
    return piece;
}

size_t measures_pack(const struct measures *measures, int64_t out_entries[MEASURE_END])
{
    size_t count = 1;

    if (!measures_know_any(measures))
        return 0;
    out_entries[0] = 0;
    for (int i = MEASURE_UNSET + 1; i < MEASURE_END; i++) {
        int64_t amount = measures->amounts[i];

        if (amount >= 0)
            out_entries[0] |= INT64_C(1) << i;
        if (amount > 0)
            out_entries[count++] =
                (int64_t)i << MEASURE_AMOUNT_BITS | (amount < MEASURE_AMOUNT_MAX ? amount : MEASURE_AMOUNT_MAX);
    }
    return count;
}

void measures_unpack(struct measures *measures, int64_t measure, int64_t amount)
{
    if (amount < 0)
        return;
    if (measure == MEASURE_UNSET)
        for (int i = MEASURE_UNSET + 1; i < MEASURE_END; i++)
            measures->amounts[i] = (amount >> i & 1) != 0 ? 0 : MEASURE_UNKNOWN;
    else if (measure > MEASURE_UNSET && measure < MEASURE_END)
        measures->amounts[measure] = amount;
}

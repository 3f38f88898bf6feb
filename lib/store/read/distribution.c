/* Distributions, added up; see distribution.h. */
#include "store/read/distribution.h"

#include "facts/sums.h"
#include "store/read/bytes.h"

static bool add_entry(struct distribution *distribution, int64_t bin, int64_t count)
{
    if (bin < 0 || bin >= HISTOGRAM_BINS)
        return false;
    distribution->counts[bin] = sums_add_count(distribution->counts[bin], count);
    return true;
}

/* An array is sent as dimensions, flags, type, count and lower bound, then the length and the value of each entry. */
void distribution_add_array(struct distribution *distribution, struct text array)
{
    enum { HEAD_BYTES = 20, ENTRY_BYTES = 12 };

    for (size_t at = HEAD_BYTES; at + ENTRY_BYTES <= array.size; at += ENTRY_BYTES) {
        int64_t entry = bytes_int64(array.data + at + 4);

        add_entry(distribution, entry >> HISTOGRAM_COUNT_BITS, entry & HISTOGRAM_COUNT_MAX);
    }
}

bool distribution_add_bytes(struct distribution *distribution, struct text bytes)
{
    enum { NARROW_BYTES = 4, WIDE_BYTES = 12, NARROW_COUNT_BITS = 22, NARROW_COUNT_MAX = (1 << NARROW_COUNT_BITS) - 1 };
    bool is_well_formed = true;

    for (size_t at = 0, step; at < bytes.size && is_well_formed; at += step) {
        uint32_t narrow = bytes.size - at >= NARROW_BYTES ? bytes_uint32(bytes.data + at) : UINT32_MAX;

        step = narrow == UINT32_MAX ? WIDE_BYTES : NARROW_BYTES;
        if (bytes.size - at < step) {
            is_well_formed = false;
        } else if (narrow == UINT32_MAX) {
            int64_t entry = bytes_int64(bytes.data + at + NARROW_BYTES);

            is_well_formed = add_entry(distribution, entry >> HISTOGRAM_COUNT_BITS, entry & HISTOGRAM_COUNT_MAX);
        } else {
            is_well_formed = add_entry(distribution, narrow >> NARROW_COUNT_BITS, narrow & NARROW_COUNT_MAX);
        }
    }
    return is_well_formed;
}

struct percentiles distribution_percentiles(const struct distribution *distribution)
{
    int64_t entries[HISTOGRAM_BINS];
    struct histogram histogram = {entries, 0};
    struct percentiles percentiles = {0};

    for (int bin = 0; bin < HISTOGRAM_BINS; bin++)
        if (distribution->counts[bin] > 0)
            entries[histogram.count++] = histogram_entry(bin, distribution->counts[bin]);
    percentiles.calls = histogram_calls(histogram);
    if (percentiles.calls == 0)
        return percentiles;
    percentiles.p50_ms = histogram_quantile_ms(histogram, 0.5);
    percentiles.p95_ms = histogram_quantile_ms(histogram, 0.95);
    percentiles.p99_ms = histogram_quantile_ms(histogram, 0.99);
    return percentiles;
}

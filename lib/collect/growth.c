/* The rules of growth.h. */
#include "collect/growth.h"

#include <math.h>
#include <string.h>

enum counter_continuity counter_continuity_of(const struct counter_era *last, const struct counter_era *now)
{
    if (last == NULL || last->looked_at_us == INT64_MIN)
        return COUNTER_FIRST_LOOK;
    /* A clock that went back by more than a correction is another machine's. */
    if (now->looked_at_us < last->looked_at_us - INT64_C(60000000))
        return COUNTER_FIRST_LOOK;
    if (now->server_since_us != last->server_since_us && now->server_since_us != INT64_MIN &&
        last->server_since_us != INT64_MIN && now->server_since_us <= last->looked_at_us)
        return COUNTER_FIRST_LOOK;
    if (now->statistics_since_us == INT64_MIN || now->statistics_since_us == last->statistics_since_us)
        return last->is_partial ? COUNTER_CONTINUED_IN_PART : COUNTER_CONTINUED;
    return now->statistics_since_us > last->looked_at_us ? COUNTER_RESET : COUNTER_FIRST_LOOK;
}

static bool is_less(const struct counter_totals *now, const struct counter_totals *before)
{
    /* total_ms is a sum of doubles that travels as text: equal within what that costs. */
    return now->calls < before->calls || now->total_ms < before->total_ms - 1e-6 * (1 + before->total_ms) ||
           now->rows < before->rows || now->blocks_hit < before->blocks_hit || now->blocks_read < before->blocks_read;
}

bool counter_growth(enum counter_continuity continuity, const struct counter_totals *before,
                    const struct counter_totals *now, int64_t entry_since_us, int64_t last_looked_at_us,
                    struct counter_totals *out_growth)
{
    static const struct counter_totals nothing = {0};
    const struct counter_totals *base = before;
    bool is_younger = entry_since_us != INT64_MIN && entry_since_us > last_looked_at_us;
    struct counter_totals growth;

    memset(out_growth, 0, sizeof *out_growth);
    if (continuity == COUNTER_CONTINUITY_UNSET || continuity == COUNTER_FIRST_LOOK)
        return false;
    if (base == NULL && continuity == COUNTER_CONTINUED_IN_PART && !is_younger)
        return false;
    if (base == NULL || continuity == COUNTER_RESET || is_younger || is_less(now, base))
        base = &nothing;
    growth = (struct counter_totals){
        .calls = now->calls - base->calls,
        .total_ms = fmax(now->total_ms - base->total_ms, 0),
        .rows = now->rows - base->rows,
        .blocks_hit = now->blocks_hit - base->blocks_hit,
        .blocks_read = now->blocks_read - base->blocks_read,
    };
    /* Totals below zero come from no server; they must not become growth of the next look either. */
    if (growth.calls <= 0 || growth.rows < 0 || growth.blocks_hit < 0 || growth.blocks_read < 0 ||
        !isfinite(growth.total_ms))
        return false;
    *out_growth = growth;
    return true;
}

int counter_piece_count(int64_t last_looked_at_us, int64_t looked_at_us)
{
    int64_t pieces;

    if (last_looked_at_us == INT64_MIN || looked_at_us <= last_looked_at_us)
        return 1;
    pieces = (looked_at_us - last_looked_at_us) / (COUNTER_PIECE_S * INT64_C(1000000));
    if (pieces <= 2)
        return 1;
    return pieces > COUNTER_PIECES_MAX ? COUNTER_PIECES_MAX : (int)pieces;
}

static int64_t part(int64_t whole, int index, int count)
{
    return whole / count + (index < whole % count ? 1 : 0);
}

struct counter_totals counter_piece(const struct counter_totals *growth, int index, int count)
{
    struct counter_totals piece = {
        .calls = part(growth->calls, index, count),
        .rows = part(growth->rows, index, count),
        .blocks_hit = part(growth->blocks_hit, index, count),
        .blocks_read = part(growth->blocks_read, index, count),
    };

    /* Time goes with the calls, so that no piece has time and no calls. */
    piece.total_ms = growth->calls > 0 ? growth->total_ms * (double)piece.calls / (double)growth->calls : 0;
    return piece;
}

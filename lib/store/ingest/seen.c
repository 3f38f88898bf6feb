/* Which fingerprints this process has stored lately; see seen.h. A busy connection runs the same few hundred statements
 * all day: without this memory every batch would write a hundred rows that change nothing. */
#include "store/ingest/seen.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/scope/store_internal.h"

enum { SLOT_COUNT = 4096, WAYS = 4 }; /* 256 KiB a process */

/* last_seen_at may lag behind by this much. */
#define LAST_SEEN_STEP_US (60 * CLOCK_SECOND_US)
/* After this a row is written again, in case somebody deleted it. */
#define TRUSTED_US (300 * CLOCK_SECOND_US)

struct slot {
    int64_t organization_id, connection_id; /* 0: free */
    struct sql_hash hash;
    int64_t first_us, last_us; /* as stored */
    int64_t written_at_us;     /* monotonic */
};

struct ingest_seen {
    struct slot slots[SLOT_COUNT];
};

/* The hash is uniform: its first bytes choose the set of slots. */
static struct slot *set_of(struct ingest_seen *seen, const struct ingest_target *target, struct sql_hash hash)
{
    uint64_t bits;

    memcpy(&bits, hash.bytes, sizeof bits);
    bits ^= (uint64_t)target->connection_id * UINT64_C(0x9E3779B97F4A7C15);
    return &seen->slots[(bits >> 32) % (SLOT_COUNT / WAYS) * WAYS];
}

static bool is_of(const struct slot *slot, const struct ingest_target *target, struct sql_hash hash)
{
    return slot->organization_id == target->organization_id && slot->connection_id == target->connection_id &&
           memcmp(slot->hash.bytes, hash.bytes, sizeof hash.bytes) == 0;
}

bool ingest_seen_covers(struct store *store, const struct ingest_target *target,
                        const struct ingest_statement *statement)
{
    struct ingest_seen *seen = store->ingest_seen;
    struct sql_hash hash = statement->fingerprint->hash;
    const struct slot *slot;

    if (seen == NULL)
        return false;
    slot = set_of(seen, target, hash);
    for (int way = 0; way < WAYS; way++, slot++)
        if (is_of(slot, target, hash))
            return statement->first_us >= slot->first_us && statement->last_us <= slot->last_us + LAST_SEEN_STEP_US &&
                   clock_monotonic_us() - slot->written_at_us < TRUSTED_US;
    return false;
}

void ingest_seen_add(struct store *store, const struct ingest_target *target, const struct ingest_statement *statements,
                     size_t count)
{
    struct ingest_seen **seen = &store->ingest_seen;
    int64_t now_us = clock_monotonic_us();

    if (*seen == NULL && count != 0)
        *seen = calloc(1, sizeof **seen);
    if (*seen == NULL)
        return;
    for (size_t i = 0; i < count; i++) {
        struct sql_hash hash = statements[i].fingerprint->hash;
        struct slot *set = set_of(*seen, target, hash), *slot = set;
        int64_t first_us = statements[i].first_us, last_us = statements[i].last_us;

        for (int way = 0; way < WAYS; way++) {
            if (is_of(&set[way], target, hash)) {
                slot = &set[way];
                first_us = first_us < slot->first_us ? first_us : slot->first_us;
                last_us = last_us > slot->last_us ? last_us : slot->last_us;
                break;
            }
            if (set[way].written_at_us < slot->written_at_us)
                slot = &set[way];
        }
        *slot = (struct slot){.organization_id = target->organization_id,
                              .connection_id = target->connection_id,
                              .hash = hash,
                              .first_us = first_us,
                              .last_us = last_us,
                              .written_at_us = now_us};
    }
}

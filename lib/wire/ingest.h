/* The agent's batch: {"agent_token", "batch_id", "queries": [{…}]}. Each item is read and checked by itself. An invalid
 * item is refused and reported; the others are accepted. */
#ifndef POTTO_WIRE_INGEST_H
#define POTTO_WIRE_INGEST_H

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "facts/sample.h"
#include "wire/items.h"

enum {
    INGEST_SQL_BYTES_MAX = 1024 * 1024, /* of full_sql and of fingerprint */
    INGEST_USER_HOST_BYTES_MAX = 255,
    INGEST_DATABASE_BYTES_MAX = 128,
    INGEST_PLAN_BYTES_MAX = 256 * 1024,
};

struct ingest_message {
    struct text agent_token, batch_id; /* data NULL: not sent */
    /* The accepted items, in order. Texts point into the body or the arena. At least one of full_sql and statement.text
     * is set; the rest of `statement` and plan_hash are not set yet. Each is possible by
     * sample_is_possible(), with a start at most an hour from now. */
    struct sample_facts samples;
    int64_t rejected;                 /* number of refused items */
    int64_t zoneless;                 /* times without a zone, which were read as UTC */
    struct wire_item_errors errors;   /* one for each refused item */
    struct wire_item_errors warnings; /* a plan that is left out, a text that holds what is no character */
    struct text queries_json;         /* the array as sent; the digest of the batch is made of it */
};

/* Read a body. `now_us` bounds captured_at. Reading stops after `batch_max` items.
 *
 * Memory: `arena`, at most a few times the size of the body.
 * Errors: STATUS_MALFORMED (not JSON), STATUS_INVALID (the envelope: queries missing or empty; a member unknown, given
 * twice or of the wrong type), STATUS_TOO_LARGE (more than batch_max items). */
enum status ingest_message_read(struct text body, int64_t now_us, int64_t batch_max, struct arena *arena,
                                struct ingest_message *out_message, struct error *error);

#endif

/* Facts as bytes, for the way from the process that talks with a monitored server to the one that stores them. Whoever
 * reads them trusts nothing: whatever bytes come, the facts that facts_unpack gives keep the rules that their headers
 * state, or there are none. Pure. */
#ifndef POTTO_FACTS_CODEC_H
#define POTTO_FACTS_CODEC_H

#include "base/arena.h"
#include "base/pack.h"
#include "facts/deadlock.h"
#include "facts/facts.h"
#include "facts/waits.h"

enum {
    FACTS_STATEMENTS_MAX = 200 * 1000,
    FACTS_GROWTH_MAX = 2000 * 1000, /* a statement may have growth in several buckets */
    FACTS_SAMPLES_MAX = 10 * 1000,
    FACTS_PLANS_MAX = 16,
    FACTS_BASELINES_MAX = 200 * 1000,
    FACTS_STATEMENT_BYTES_MAX = 4 * 1024 * 1024, /* of a statement's text, or of its fingerprint's */
    FACTS_PLAN_BYTES_MAX = 4 * 1024 * 1024,
    FACTS_NAME_BYTES_MAX = 4096, /* of a user or a database */
    FACTS_KEY_BYTES_MAX = 1024,  /* of a baseline's key */
};

/* Texts must be UTF-8 without NUL, as the headers of facts demand. What is longer than its bound is packed all the
 * same, and the reader refuses it. */
void facts_pack(const struct facts *facts, struct buffer *buffer);
void facts_pack_baselines(const struct baseline_list *list, struct buffer *buffer);

/* Both give a failed unpacker (unpack_finish) for bytes that break a rule. Arrays live in `arena`, and take at most
 * some five times the bytes that were read; texts point into the bytes. */
void facts_unpack(struct unpacker *unpacker, struct arena *arena, struct facts *out_facts);
void facts_unpack_baselines(struct unpacker *unpacker, struct arena *arena, struct baseline_list *out_list);

/* What a log file tells, with the same promises. */
void facts_pack_log(const struct log_facts *facts, struct buffer *buffer);
void facts_unpack_log(struct unpacker *unpacker, struct arena *arena, struct log_facts *out_facts);

/* What sessions waited for, with the same promises. */
void facts_pack_waits(const struct wait_facts *facts, struct buffer *buffer);
void facts_unpack_waits(struct unpacker *unpacker, struct arena *arena, struct wait_facts *out_facts);

#endif

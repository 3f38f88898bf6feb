/* What questions to language models may cost: reserved before one is asked, settled when it has ended; and the
 * questions and answers themselves, for who asked to read. Acts as the owner of the tables. Errors of every function:
 * STATUS_UNAVAILABLE. */
#ifndef POTTO_STORE_LLM_LLM_SPENDING_H
#define POTTO_STORE_LLM_LLM_SPENDING_H

#include "store/scope/store.h"

enum {
    LLM_QUESTION_KEPT_BYTES = 65536, /* more is cut before it is kept */
    LLM_ANSWER_KEPT_BYTES = 65536,
};

/* Of an organization and a day (UTC); 0: no limit. */
struct llm_budget {
    int64_t tokens, seconds, cents; /* of a US dollar */
};

/* Of a struct config. */
#define LLM_BUDGET_OF(config)                                                                                          \
    {                                                                                                                  \
        .tokens = (config).llm_tokens_per_day, .seconds = (config).llm_seconds_per_day,                                \
        .cents = (config).llm_cents_per_day                                                                            \
    }

/* A question before it is asked. */
struct llm_reserving {
    int64_t organization_id;
    int64_t user_id;       /* who may read it; 0: Potto asks by itself, and admins may */
    int64_t connection_id; /* 0: it is about none */
    const char *purpose, *kind;
    struct text model, question;
    int64_t input_tokens_max, output_tokens_max, ms_max;
};

/* Reserve what it may use at most. *out_id 0: a budget does not hold it, and *out_refusal says which, a sentence.
 * SQL: sql/llm_reserve.sql */
enum status store_llm_reserve(struct store *store, const struct llm_reserving *reserving,
                              const struct llm_budget *budget, struct arena *arena, int64_t *out_id,
                              const char **out_refusal, struct error *error);

/* How it ended. */
struct llm_ending {
    int64_t organization_id, id; /* from store_llm_reserve */
    const char *outcome;
    const char *problem;                 /* "": none */
    int64_t input_tokens, output_tokens; /* -1: not told */
    bool may_have_cost;                  /* tokens that are not told count as what was reserved */
    int64_t ms;
    struct text answer; /* what the model said; data NULL: nothing */
};

/* Give back what was not used. SQL: sql/llm_settle.sql */
enum status store_llm_settle(struct store *store, const struct llm_ending *ending, struct arena *arena,
                             struct error *error);

#endif

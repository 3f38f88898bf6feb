/* Questions to language models with their answers, for who asked to read. */
#ifndef POTTO_STORE_LLM_LLM_QUESTION_H
#define POTTO_STORE_LLM_LLM_QUESTION_H

#include "store/scope/scope.h"
#include "store/scope/store.h"

enum { LLM_QUESTIONS_MAX = 25 /* at once: each may have 128 KiB */ };

struct llm_kept {
    int64_t id, asked_at_us;
    struct text purpose, kind, model;
    int64_t connection_id;                              /* 0: it is about none */
    bool is_own;                                        /* the caller asked; else Potto did by itself */
    struct text outcome;                                /* llm_outcome_name(), "open", or "lost": its process ended */
    struct text problem;                                /* data NULL: none */
    int64_t input_tokens, output_tokens, ms, micro_usd; /* -1: not known */
    struct text question, answer;                       /* answer data NULL: none */
};

struct llm_kept_list {
    struct llm_kept *items; /* newest first */
    size_t count;
    bool has_more;
};

/* The caller's own that came before `before_id`; for an admin with those that Potto asked by itself. At most `limit`,
 * up to LLM_QUESTIONS_MAX. Errors: STATUS_UNAVAILABLE. SQL: sql/llm_question_list.sql */
enum status store_llm_question_list(struct store *store, const struct scope *scope, int64_t before_id, int limit,
                                    struct arena *arena, struct llm_kept_list *out_list, struct error *error);

#endif

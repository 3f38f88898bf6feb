/* Questions to a language model within what an organization may spend on them. Every question and answer is kept for
 * who asked; see store/llm/llm_spending.h. */
#ifndef POTTO_ASK_ASK_H
#define POTTO_ASK_ASK_H

#include "llm/llm.h"
#include "store/llm/llm_spending.h"

/* For whom, and what for. */
struct ask_for {
    int64_t organization_id;
    int64_t user_id, connection_id; /* 0: none; see struct llm_reserving */
    const char *purpose;            /* a fixed name: "check" */
};

/* As llm_ask, if the budget holds what the question may use at most; else the outcome is LLM_OVER_BUDGET and nothing
 * leaves. Errors: those of llm_ask, and STATUS_UNAVAILABLE (the store). */
enum status ask_within_budget(struct store *store, const struct llm *llm, const struct llm_budget *budget,
                              const struct ask_for *ask, const struct llm_question *question, struct arena *arena,
                              struct llm_answer *out_answer, struct error *error);

#endif

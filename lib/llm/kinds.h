/* Internal to lib/llm: what differs between the kinds of servers. */
#ifndef POTTO_LLM_KINDS_H
#define POTTO_LLM_KINDS_H

#include "base/json_write.h"
#include "llm/llm.h"

/* What a server said, before anybody judged it. */
struct llm_said {
    struct text text;                    /* of the model; data NULL: none */
    bool is_structured;                  /* it came as the answer's JSON, not as text */
    bool is_cut;                         /* the model had no room for more */
    bool is_refusal;                     /* the model does not want to answer */
    bool is_understood;                  /* the server's own JSON had the form that is expected */
    int64_t input_tokens, output_tokens; /* -1: not told */
    struct text complaint;               /* the server's own words about a failure; data NULL: none */
};

struct llm_server {
    const char *name;
    const char *ask_path; /* after the settings' URL */
    void (*write_question)(const struct llm *llm, const struct llm_question *question, struct json_writer *json);
    /* Never fails: what is not there stays unset. Texts point into `json` or live in `arena`. */
    void (*read_answer)(struct text json, struct arena *arena, struct llm_said *out_said);
    const char *(*check_path)(const struct llm *llm, struct arena *arena); /* of a GET that costs nothing */
    /* Whether the answer to it tells that the model is there. */
    bool (*has_model)(const struct llm *llm, struct text json, struct arena *arena);
    const char *no_model; /* a sentence */
};

extern const struct llm_server llm_ollama, llm_claude;

const struct llm_server *llm_server_of(enum llm_kind kind); /* NULL for none */

void llm_set_outcome(struct llm_answer *answer, enum llm_outcome outcome, const char *problem);

/* What a code other than 200 means; *out_problem is a sentence, static. */
enum llm_outcome llm_judge_code(const struct llm_server *server, int code, const char **out_problem);

/* For the log: the code, and what the server says about it, without the key. */
void llm_describe(const struct llm *llm, int code, struct text complaint, char *detail, size_t detail_bytes);

/* Judge what came back for a question with this schema. Texts of the answer live in `arena` or point into the body. */
void llm_take_answer(const struct llm *llm, const struct http_response *response, const struct llm_schema *schema,
                     struct arena *arena, struct llm_answer *answer);

#endif

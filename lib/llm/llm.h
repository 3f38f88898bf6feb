/* Language models: a question goes out, an answer comes back that holds to the question's schema, or the outcome says
 * why there is none. Two kinds of servers: Ollama, and Claude of Anthropic.
 *
 * Nothing is asked unless the settings name a server and a model: without them no function here makes a socket. What a
 * model says is never trusted: the caller gets JSON of the right shape, and checks what it claims. */
#ifndef POTTO_LLM_LLM_H
#define POTTO_LLM_LLM_H

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "http/http.h"
#include "llm/schema.h"

enum {
    LLM_ANSWER_BYTES_MAX = 1024 * 1024,   /* of the server's whole answer */
    LLM_QUESTION_BYTES_MAX = 1024 * 1024, /* system and user together */
    LLM_PROBLEM_BYTES = 256,
    LLM_CHECK_S = 10, /* llm_check takes no longer */
};

enum llm_kind { LLM_KIND_UNSET /* off */, LLM_KIND_OLLAMA, LLM_KIND_CLAUDE };

/* As an operator has set them; LLM_SETTINGS_OF makes them of a struct config. NULL: not set. */
struct llm_settings {
    const char *ollama_url, *ollama_model;
    const char *claude_url, *claude_key, *claude_model;
    int64_t timeout_s;           /* for one answer */
    const char *addresses;       /* see base/reach.h */
    const char *proxy, *ca_file; /* the proxy is for Claude alone: Ollama is within reach */
};

#define LLM_SETTINGS_OF(config)                                                                                        \
    {                                                                                                                  \
        .ollama_url = (config).ollama_url, .ollama_model = (config).ollama_model,                                      \
        .claude_url = (config).anthropic_url, .claude_key = (config).anthropic_key,                                    \
        .claude_model = (config).llm_model, .timeout_s = (config).ollama_timeout_s,                                    \
        .addresses = (config).llm_addresses, .proxy = (config).http_proxy, .ca_file = (config).http_ca_file            \
    }

/* A model that may be asked. Texts are those of the settings. */
struct llm {
    enum llm_kind kind;  /* LLM_KIND_UNSET: off */
    const char *problem; /* what is wrong with the settings, so that it cannot be asked, a sentence; NULL: nothing */
    struct text url, model, key;
    int64_t timeout_s;
    struct http_network network;
};

/* Which model the settings name; no I/O. Ollama comes before Claude. Claude needs both a key and a model: a key that
 * only lies in the environment turns nothing on. */
struct llm llm_of(const struct llm_settings *settings);

const char *llm_kind_name(enum llm_kind kind); /* "ollama", "claude"; NULL for none; static */

/* Why there is an answer or not. */
enum llm_outcome {
    LLM_OUTCOME_UNSET,
    LLM_ANSWERED,
    LLM_OFF,           /* nothing is configured */
    LLM_MISCONFIGURED, /* the settings, the key, or the model's name */
    LLM_AWAY,          /* not reachable, or it failed */
    LLM_SLOW,          /* not within the time */
    LLM_BUSY,          /* it takes no more requests for now */
    LLM_REFUSED,       /* the model does not want to answer */
    LLM_PROSE,         /* it answered something else than JSON */
    LLM_NOT_VALID,     /* JSON that does not hold to the schema */
    LLM_CUT,           /* the answer was longer than it may be */
    LLM_STOPPED,       /* the caller stopped it */
    LLM_OVER_BUDGET,   /* the organization may not spend as much: lib/ask */
    LLM_OUTCOME_COUNT
};
const char *llm_outcome_name(enum llm_outcome outcome); /* "answered", "off", "misconfigured", …; static */

struct llm_question {
    struct text system, user;       /* UTF-8; literals of statements are replaced: see llm_statement */
    struct text schema;             /* JSON; the root's type is object */
    int64_t tokens_max;             /* of the answer */
    const atomic_bool *should_stop; /* NULL: nobody stops it */
};

struct llm_answer {
    enum llm_outcome outcome;
    char problem[LLM_PROBLEM_BYTES];     /* a sentence for people, unless answered; no secret, no address */
    char detail[512];                    /* for the log; "" : nothing more */
    struct text json;                    /* the answer, if it holds to the schema; else data NULL */
    struct text said;                    /* what the model said, valid UTF-8, whatever it is; data NULL: nothing */
    int64_t input_tokens, output_tokens; /* as the server counts them; -1: it did not say */
    int64_t took_us;
    int attempts;
};

/* Ask. Everything of the answer lives in `arena`. Errors: STATUS_INVALID, STATUS_TOO_LARGE: the question, or its
 * schema, is none. All else is an outcome. */
enum status llm_ask(const struct llm *llm, const struct llm_question *question, struct arena *arena,
                    struct llm_answer *out_answer, struct error *error);

/* How the server is: what /health tells. */
enum llm_health { LLM_HEALTH_UNSET, LLM_HEALTH_OFF, LLM_HEALTH_REACHABLE, LLM_HEALTH_AWAY, LLM_HEALTH_MISCONFIGURED };
const char *llm_health_name(enum llm_health health); /* "off", "reachable", "not reachable", "misconfigured"; static */

struct llm_state {
    enum llm_health health;
    bool has_model;                  /* the server has the model that is named */
    char problem[LLM_PROBLEM_BYTES]; /* a sentence for everybody: no secret, no address; "": none */
    char detail[512];                /* for the log */
};

/* Ask the server whether it has the model; costs no tokens, takes at most LLM_CHECK_S. Off: asks nothing. */
void llm_check(const struct llm *llm, const atomic_bool *should_stop, struct arena *arena, struct llm_state *out_state);

/* A statement as it may leave: its fingerprint, without literals, unless the connection keeps them. */
struct text llm_statement(struct text engine, struct text sql, bool keeps_literals, struct arena *arena);

#endif

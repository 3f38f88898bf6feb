/* Whether a JSON text holds to a schema. Of JSON Schema (draft 2020-12) it knows what Potto's own schemas use: type,
 * enum (of texts), properties, required, additionalProperties (false or true), items, minItems, maxItems, minLength,
 * maxLength (in characters), minimum, maximum, and description, which means nothing. Another keyword is an error of the
 * schema: no condition is passed over in silence. Pure.
 *
 * The checked text comes from a language model: names that repeat, depth and size are bounded. */
#ifndef POTTO_LLM_SCHEMA_H
#define POTTO_LLM_SCHEMA_H

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

enum {
    LLM_SCHEMA_BYTES_MAX = 65536,
    LLM_SCHEMA_DEPTH_MAX = 16,
    LLM_SCHEMA_MEMBERS_MAX = 64, /* of one object: a bit each */
    LLM_SCHEMA_WORDS_MAX = 256,  /* of one enum */
    LLM_SCHEMA_PROBLEM_BYTES = 240,
};

struct llm_schema;

/* Lives in `arena`; its texts point into `json`. Errors: STATUS_INVALID (it is no schema, or has what is not known),
 * STATUS_TOO_LARGE. */
enum status llm_schema_read(struct text json, struct arena *arena, const struct llm_schema **out_schema,
                            struct error *error);

/* True: the whole text is one JSON value that holds to the schema. Otherwise out_problem says what is wrong and where,
 * as "$.findings[2].severity: must be one of the schema's words". It holds no byte of the checked text. */
bool llm_schema_holds(const struct llm_schema *schema, struct text json, struct arena *arena,
                      char out_problem[LLM_SCHEMA_PROBLEM_BYTES]);

#endif

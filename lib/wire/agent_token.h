/* Finding the token in an agent's message, before the rest of it is read. */
#ifndef POTTO_WIRE_AGENT_TOKEN_H
#define POTTO_WIRE_AGENT_TOKEN_H

#include "base/error.h"
#include "base/text.h"

/* The text of the top-level member "agent_token". It points into `body`. Reading ends at the member, which is usually
 * the first: STATUS_OK says nothing about what follows it.
 *
 * Errors: STATUS_MALFORMED (not a JSON object up to there), STATUS_UNAUTHENTICATED (an empty body, no such member, or
 * one that is not a string). */
enum status wire_agent_token_find(struct text body, struct text *out_token, struct error *error);

#endif

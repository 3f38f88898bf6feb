/* Finding the token in an agent's message before anything else of it is read. */
#ifndef POTTO_WIRE_AGENT_TOKEN_H
#define POTTO_WIRE_AGENT_TOKEN_H

#include "base/error.h"
#include "base/text.h"

/* The text of the top-level member "agent_token", wherever it stands; points into `body`. One pass,
 * which ends at the member: usually the first. What follows it is not looked at, so a true says nothing
 * about the rest. Errors: STATUS_MALFORMED (not a JSON object up to there), STATUS_UNAUTHENTICATED (an empty
 * body, no such member, or not a string). */
enum status wire_agent_token_find(struct text body, struct text *out_token, struct error *error);

#endif

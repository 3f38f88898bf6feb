/* Internal to lib/store: the members of struct literal_text. lib/store/read closes texts, store/admin/literal_audit.c
 * opens them. */
#ifndef POTTO_STORE_SCOPE_LITERAL_INTERNAL_H
#define POTTO_STORE_SCOPE_LITERAL_INTERNAL_H

#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"
#include "store/scope/literal.h"

/* What is written to the audit log when the text is read. */
enum literal_kind {
    LITERAL_KIND_UNSET,
    LITERAL_KIND_SAMPLE,    /* a single sample: a line about it */
    LITERAL_KIND_LISTED,    /* a sample of a list, or a plan: a line about the connection */
    LITERAL_KIND_VALUELESS, /* a plan without values: nothing */
};

struct literal_text {
    enum literal_kind kind;
    int64_t sample_id; /* of LITERAL_KIND_SAMPLE */
    int64_t connection_id;
    struct text text;
};

/* A copy of `literal` in `arena`; its text is not copied. NULL if it has no text (data NULL). */
static inline const struct literal_text *literal_text_close(struct literal_text literal, struct arena *arena)
{
    return literal.text.data == NULL ? NULL : arena_copy(arena, &literal, sizeof literal);
}

#endif

/* The inside of struct literal_text, for lib/store alone: lib/store/read closes texts, store/admin/literal_audit.c
 * opens them. */
#ifndef POTTO_STORE_SCOPE_LITERAL_INTERNAL_H
#define POTTO_STORE_SCOPE_LITERAL_INTERNAL_H

#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"
#include "store/scope/literal.h"

/* What the audit log says about who reads it. */
enum literal_kind {
    LITERAL_KIND_UNSET,
    LITERAL_KIND_SAMPLE,    /* one sample, shown by itself */
    LITERAL_KIND_LISTED,    /* one of a list, or a plan; the line names the connection */
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

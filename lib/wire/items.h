/* What the batches of agents have in common: items that are read one by one, of which an invalid one is refused and
 * reported while the others are accepted; and an envelope around them. */
#ifndef POTTO_WIRE_ITEMS_H
#define POTTO_WIRE_ITEMS_H

#include "base/arena.h"
#include "base/error.h"
#include "base/json_read.h"
#include "base/text.h"

enum {
    WIRE_ERRORS_MAX = 100,         /* of each kind, reported one by one; the rest are only counted */
    WIRE_BATCH_ID_BYTES_MAX = 100, /* printable ASCII, no blank */
};

struct wire_item_error {
    int64_t index; /* of the item, from 0 */
    const char *field;
    const char *message;
};

/* What was wrong with items of a batch, in their order. */
struct wire_item_errors {
    const struct wire_item_error *items; /* at most WIRE_ERRORS_MAX */
    size_t count;
};

/* Reading the items of one body. */
struct wire_items {
    struct json_reader json;
    struct arena *arena;
    int64_t time_min_us, time_max_us; /* bounds of wire_item_time */
    const char *time_min_message;     /* for a time before time_min_us */
    int64_t index;                    /* of the item being read */
    bool is_refused;                  /* its first problem was noted; further problems of the item are not */
    int64_t rejected;                 /* refused items */
    int64_t zoneless;                 /* times without a zone, which were read as UTC */
    struct wire_item_errors errors;   /* one for each refused item, in `arena` */
    struct wire_item_errors warnings; /* of accepted items: what was left out of them or replaced, in `arena` */
};

void wire_items_init(struct wire_items *items, struct text body, struct arena *arena);

/* Begin an item, which must be an object: it is then entered. False: it is something else, which was skipped and
 * refused, or the JSON is broken. */
bool wire_item_enter(struct wire_items *items);

/* Refuse the item. The texts must live as long as the arena. */
void wire_item_refuse(struct wire_items *items, const char *field, const char *message);
/* Note what is left out of the item or replaced in it. Nothing is noted of an item that is refused, before or later. */
void wire_item_warn(struct wire_items *items, const char *field, const char *message);

/* Read a value of that kind. Another value is skipped, and the item refused; *out is then unchanged. An empty text
 * leaves *out unchanged as well. In a text, what is no character becomes U+FFFD, with a warning. */
void wire_item_text(struct wire_items *items, const char *field, size_t max_bytes, struct text *out_text);
void wire_item_time(struct wire_items *items, const char *field, int64_t *out_time_us);
bool wire_item_number(struct wire_items *items, const char *field, struct json_number *out_number);

/* A name that the sender chose, shortened for a message. */
const char *wire_name(const struct wire_items *items, struct text name);

/* A text of the envelope, or null. Errors: STATUS_INVALID. */
enum status wire_envelope_text(struct wire_items *items, const char *field, struct text *out_text, struct error *error);
/* Errors: STATUS_INVALID. `batch_id`: data NULL if there is none. */
enum status wire_batch_id_check(struct text batch_id, struct error *error);

#endif

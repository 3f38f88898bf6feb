/* JSON written straight into a buffer, without a tree and without an allocation
 * for each value. The writer adds commas and escapes. Bytes that are not UTF-8
 * become U+FFFD each, so the output is always valid JSON. `<`, `>`, `&`, U+2028
 * and U+2029 are escaped: the output is safe inside a <script> element. */
#ifndef POTTO_BASE_JSON_WRITE_H
#define POTTO_BASE_JSON_WRITE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

enum { JSON_WRITE_DEPTH_MAX = 32 };

struct json_writer {
    struct buffer *buffer; /* not owned */
    int depth;
    bool is_member;                           /* a key was just written */
    bool has_items[JSON_WRITE_DEPTH_MAX + 1]; /* by depth: the next item needs a comma before it */
};

void json_writer_init(struct json_writer *writer, struct buffer *buffer);

void json_object_begin(struct json_writer *writer);
void json_object_end(struct json_writer *writer);
void json_array_begin(struct json_writer *writer);
void json_array_end(struct json_writer *writer);
void json_key(struct json_writer *writer, const char *key); /* key: ASCII, trusted */

void json_text(struct json_writer *writer, struct text text);
void json_int64(struct json_writer *writer, int64_t value);
void json_double(struct json_writer *writer, double value); /* the shortest text that reads back; not finite: null */
void json_bool(struct json_writer *writer, bool value);
void json_null(struct json_writer *writer);
void json_time(struct json_writer *writer, int64_t time_us); /* RFC 3339; INT64_MIN writes null */
void json_raw(struct json_writer *writer, struct text json); /* JSON that is trusted, such as a jsonb value */

/* Key and value in one call. */
void json_member_text(struct json_writer *writer, const char *key, struct text text);
void json_member_text_or_null(struct json_writer *writer, const char *key, struct text text); /* data NULL: null */
void json_member_string(struct json_writer *writer, const char *key, const char *string);     /* NULL writes null */
void json_member_int64(struct json_writer *writer, const char *key, int64_t value);
void json_member_id_or_null(struct json_writer *writer, const char *key, int64_t id); /* 0: null */
void json_member_double(struct json_writer *writer, const char *key, double value);
void json_member_known(struct json_writer *writer, const char *key, double value); /* < 0, which is unknown: null */
void json_member_bool(struct json_writer *writer, const char *key, bool value);
void json_member_null(struct json_writer *writer, const char *key);
void json_member_time(struct json_writer *writer, const char *key, int64_t time_us);

#endif

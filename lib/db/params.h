/* Parameters of a statement, in PostgreSQL's binary formats. */
#ifndef POTTO_DB_PARAMS_H
#define POTTO_DB_PARAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"
#include "db/sql.h"
#include "sql/sql_hash.h"

enum { DB_PARAMS_MAX = 40 };

/* Built on the stack: struct db_params params = {.arena = arena}; then params_*
 * in order of $1, $2, …. Texts are not copied and must outlive the call. */
struct db_params {
    struct arena *arena;
    int count;
    enum db_type types[DB_PARAMS_MAX]; /* checked against the statement's declaration */
    const char *values[DB_PARAMS_MAX];
    int lengths[DB_PARAMS_MAX];
};

void params_int64(struct db_params *params, int64_t value);    /* $n::bigint */
void params_int32(struct db_params *params, int32_t value);    /* $n::int */
void params_double(struct db_params *params, double value);    /* $n::float8 */
void params_bool(struct db_params *params, bool value);        /* $n::bool */
void params_text(struct db_params *params, struct text value); /* $n::text; valid UTF-8 without NUL; data NULL: NULL */
void params_string(struct db_params *params, const char *value);  /* NULL: NULL */
void params_bytes(struct db_params *params, struct text value);   /* $n::bytea */
void params_time(struct db_params *params, int64_t time_us);      /* $n::timestamptz; INT64_MIN: NULL */
void params_hash(struct db_params *params, struct sql_hash hash); /* $n::uuid */
void params_json(struct db_params *params, struct text json);     /* $n::jsonb */
void params_null(struct db_params *params);
void params_append(struct db_params *params, const struct db_params *more); /* add the values of `more` at the end */
void params_int64_array(struct db_params *params, const int64_t *values, size_t count); /* $n::bigint[] */
void params_double_array(struct db_params *params, const double *values, size_t count); /* $n::float8[] */
void params_text_array(struct db_params *params, const struct text *values,
                       size_t count); /* $n::text[]; data NULL: NULL */
void params_hash_array(struct db_params *params, const struct sql_hash *values, size_t count); /* $n::uuid[] */
void params_time_array(struct db_params *params, const int64_t *times_us, size_t count);       /* $n::timestamptz[] */

#endif

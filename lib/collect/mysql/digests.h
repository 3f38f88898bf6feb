/* Between the files that read digests: counters.c and log_meets.c. */
#ifndef POTTO_COLLECT_MYSQL_DIGESTS_H
#define POTTO_COLLECT_MYSQL_DIGESTS_H

#include "collect/counters.h"
#include "collect/mysql/counting.h"
#include "collect/mysql/mysql.h"

enum { MYSQL_KEY_BYTES_MAX = 64, MYSQL_TEXT_BYTES_MAX = 400000 /* LEFT() counts characters */ };

/* Columns of mysql_digest_layout.texts_sql. */
enum { MYSQL_TEXT_KEY, MYSQL_TEXT_SAMPLE, MYSQL_TEXT_DIGEST };

/* Texts of the digests that the condition ("WHERE …") picks. There is a layout. */
enum status mysql_digests_read(struct collect_cycle *cycle, const char *condition, int rows_max, size_t bytes_max,
                               struct target_rows *out_rows);

/* A statement must not be a fingerprint twice, once of its digest and once of its rows in the slow log. So a row of the
 * log whose fingerprint no digest has is looked for among the digests that ran of late, by its shape. That digest is
 * counted under the log's fingerprint from then on. The entries are named. */
enum status mysql_log_meets_digests(struct collect_cycle *cycle, struct counter_snapshot *snapshot,
                                    int64_t digest_bytes_max);

/* The first snapshot has no growth, so what ran before it is in no counter. The log tells of some of it: those samples
 * are marked (facts/sample.h). */
void mysql_log_marks_uncounted(struct collect_cycle *cycle, const struct mysql_server *server,
                               const struct counter_snapshot *snapshot);

#endif

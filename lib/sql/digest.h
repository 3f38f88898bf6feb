/* Statements as MySQL and MariaDB reduce them themselves, in performance_schema (DIGEST_TEXT):
 *
 *     SELECT `id` , COUNT ( * ) FROM `t` WHERE `a` IN (...) AND `b` = ? LIMIT ?, ...
 *
 * A digest leaves out more than a fingerprint does: how many values there were, comments, the case of words, and what
 * no longer fits max_digest_length. */
#ifndef POTTO_SQL_DIGEST_H
#define POTTO_SQL_DIGEST_H

#include "base/arena.h"
#include "base/text.h"

/* A statement that may have had this digest. Its fingerprint is that of the true statement wherever the digest tells
 * enough, or the likeliest number of values is the right one. Memory: `arena`. Takes linear time. */
struct text sql_digest_statement(struct text digest, struct arena *arena);

/* What a statement and its digest share: of the text of a fingerprint, or of a digest. Two that are equal are of one
 * digest, but for statements that differ in the case of their names. Memory: `arena`. Takes linear time, but for
 * parentheses in parentheses. */
struct text sql_digest_shape(struct text sql, struct arena *arena);

/* Whether a digest that was cut off may be that of a statement, by their shapes. */
bool sql_digest_shape_begins(struct text digest, struct text statement);

#endif

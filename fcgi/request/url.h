/* Percent-encoding, both ways, and the pairs of query strings and forms. */
#ifndef POTTO_FCGI_REQUEST_URL_H
#define POTTO_FCGI_REQUEST_URL_H

#include <stdbool.h>

#include "fcgi/request/request.h"

/* Decode %XX, and `+` as a blank in a query string or a form. False for a broken escape, a NUL, or bytes that
 * are not UTF-8. Without anything to decode *out is `encoded` itself; else it lives in `arena`. */
bool url_decode(struct text encoded, bool is_query, struct arena *arena, struct text *out);

/* Encode everything but letters, digits and `-._~/` for a query value; lives in `arena`, ends with NUL. */
char *url_encode(struct text plain, struct arena *arena);

/* "name=value&name=value" into out_pairs, decoded, in order; empty pieces are skipped. Errors:
 * STATUS_MALFORMED for a broken escape or more than `max` pairs; `what` names the place in the message. */
enum status url_pairs_read(struct text encoded, const char *what, struct arena *arena, struct request_param *out_pairs,
                           int max, int *out_count, struct error *error);

#endif

/* Percent-encoding, both ways, and the pairs of query strings and forms. */
#ifndef POTTO_FCGI_REQUEST_URL_H
#define POTTO_FCGI_REQUEST_URL_H

#include <stdbool.h>

#include "fcgi/request/request.h"

/* Decode %XX, and in a query string or form also `+` as a blank. Returns false for a broken escape, a NUL, or bytes
 * that are not UTF-8. *out is `encoded` itself if there is nothing to decode; otherwise it lives in `arena`. */
bool url_decode(struct text encoded, bool is_query, struct arena *arena, struct text *out);

/* Encode a query value: everything except letters, digits and `-._~/`. The result lives in `arena`, with a NUL after
 * it. */
char *url_encode(struct text plain, struct arena *arena);

/* Read "name=value&name=value" into out_pairs, decoded, in order; empty pairs are skipped. `what` names the source in
 * error messages. Errors: STATUS_MALFORMED for a broken escape or more than `max` pairs. */
enum status url_pairs_read(struct text encoded, const char *what, struct arena *arena, struct request_param *out_pairs,
                           int max, int *out_count, struct error *error);

#endif

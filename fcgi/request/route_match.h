/* Finding the route of a path. The table is compiled once: routes by number of segments, literal segments
 * before {params}, so that the first that fits is the most specific. */
#ifndef POTTO_FCGI_REQUEST_ROUTE_MATCH_H
#define POTTO_FCGI_REQUEST_ROUTE_MATCH_H

#include "fcgi/routes.h"

void route_match_init(void); /* once, before the first match */

struct route_match {
    size_t route_index;       /* in routes[]; set with STATUS_OK */
    unsigned allowed_methods; /* bit (1 << enum method) for each that the path takes; set with STATUS_METHOD too */
};

/* Match request->raw_path (or what it is an alias of) and request->method; fills request->path_params, each segment
 * decoded by itself, so that %2F never makes a segment. Errors: STATUS_ABSENT (no such path), STATUS_METHOD. */
enum status route_match(struct request *request, struct route_match *out_match, struct error *error);

/* "GET, HEAD, POST" */
void route_allow_header(unsigned allowed_methods, char *out, size_t size_bytes);

/* Everything that may not be in a route table; each fault is one line on stderr. */
bool route_table_is_sound(void);

/* The table as JSON lines on stdout. */
void route_table_print(void);

#endif

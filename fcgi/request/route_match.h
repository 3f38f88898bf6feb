/* Finding the route of a path. The table is compiled once: routes are sorted by their number of segments, and literal
 * segments come before {params}, so the first match is the most specific one. */
#ifndef POTTO_FCGI_REQUEST_ROUTE_MATCH_H
#define POTTO_FCGI_REQUEST_ROUTE_MATCH_H

#include "fcgi/routes.h"

void route_match_init(void); /* call once, before the first match */

struct route_match {
    size_t route_index; /* in routes[]; set with STATUS_OK */
    unsigned
        allowed_methods; /* a bit (1 << enum method) for each method that the path takes; also set with STATUS_METHOD */
};

/* Match request->raw_path (or the path that it is an alias of) and request->method, and fill request->path_params. Each
 * segment is decoded by itself, so %2F never starts a new segment. Errors: STATUS_ABSENT (no such path),
 * STATUS_METHOD. */
enum status route_match(struct request *request, struct route_match *out_match, struct error *error);

/* "GET, HEAD, POST" */
void route_allow_header(unsigned allowed_methods, char *out, size_t size_bytes);

/* Check the route table. Prints a line on stderr for each fault. */
bool route_table_is_sound(void);

/* Print the table as JSON lines on stdout. */
void route_table_print(void);

#endif

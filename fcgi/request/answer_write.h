/* Sending an answer over FastCGI. libfcgi's own stream sends a record, and a write(2), for each 8 KB and waits at
 * the end until nginx has closed its side; here head, body and the end of the request leave in one call. */
#ifndef POTTO_FCGI_REQUEST_ANSWER_WRITE_H
#define POTTO_FCGI_REQUEST_ANSWER_WRITE_H

#include <stdbool.h>

#include "fcgi/request/request.h"
#include "fcgi/request/response.h"

/* Write the whole answer of FastCGI request `request_id` to the connection. False: the other side has gone,
 * which is its business. */
bool answer_write(int fd, int request_id, const struct request *request, const struct response *response);

#endif

/* Sending an answer over FastCGI. libfcgi's own stream sends a record, with a write(2), for each 8 KB, and at the end
 * waits until nginx has closed its side. Here one call sends the head, the body and the end of the request. */
#ifndef POTTO_FCGI_REQUEST_ANSWER_WRITE_H
#define POTTO_FCGI_REQUEST_ANSWER_WRITE_H

#include <stdbool.h>

#include "fcgi/request/request.h"
#include "fcgi/request/response.h"

/* Write the whole answer of FastCGI request `request_id` to the connection. Returns false if the other side has closed
 * it, which is not an error. */
bool answer_write(int fd, int request_id, const struct request *request, const struct response *response);

#endif

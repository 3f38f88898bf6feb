/* Sending an answer over FastCGI: one call sends the head, the body and the end of the request. */
#ifndef POTTO_FCGI_REQUEST_ANSWER_WRITE_H
#define POTTO_FCGI_REQUEST_ANSWER_WRITE_H

#include <stdbool.h>

#include "fcgi/request/request.h"
#include "fcgi/request/response.h"

/* Write the whole answer of FastCGI request `request_id` to the connection, until `until_us` (monotonic) at most.
 * Returns false if the other side has closed it or does not read, which is not an error. */
bool answer_write(int fd, int request_id, const struct request *request, const struct response *response,
                  int64_t until_us);

#endif

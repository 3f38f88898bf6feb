/* Bodies of requests that become jobs. */
#ifndef POTTO_FCGI_API_JOB_JSON_H
#define POTTO_FCGI_API_JOB_JSON_H

#include "fcgi/request/request.h"
#include "fcgi/request/response.h"

/* A body is not needed; one that has anything in it is refused. */
enum status body_check_empty(const struct request *request, struct error *error);

#endif

/* Bodies of requests that start a job. */
#ifndef POTTO_FCGI_API_JOB_JSON_H
#define POTTO_FCGI_API_JOB_JSON_H

#include "fcgi/request/request.h"
#include "fcgi/request/response.h"

/* Refuse a body that holds anything. An absent body is fine. */
enum status body_check_empty(const struct request *request, struct error *error);

#endif

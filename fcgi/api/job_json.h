/* Answers of requests that became jobs. */
#ifndef POTTO_FCGI_API_JOB_JSON_H
#define POTTO_FCGI_API_JOB_JSON_H

#include "fcgi/request/request.h"
#include "fcgi/request/response.h"

/* 202 with Location and {"status": "started", "message", "job_id", "job_url"; the caller adds members and ends the
 * object. */
struct json_writer *job_accepted(const struct request *request, struct response *response, int64_t job_id,
                                 const char *message);

/* A body is not needed; one that has anything in it is refused. */
enum status body_check_empty(const struct request *request, struct error *error);

#endif

/* The answer to a batch whose items were read one by one: how many are stored, and what is wrong with the others. */
#ifndef POTTO_FCGI_API_INGEST_ANSWER_H
#define POTTO_FCGI_API_INGEST_ANSWER_H

#include "fcgi/request/request.h"
#include "fcgi/request/response.h"
#include "wire/items.h"

struct ingest_answer {
    int64_t accepted, duplicates, rejected;
    struct wire_item_errors errors, warnings;
    const char *old_note; /* about items older than they are kept; NULL: there are none */
    int64_t zoneless;     /* times without a zone, which were read as UTC: the answer says so */
    const char *refusal;  /* "Every query of the batch was refused."; NULL: some were not */
};

/* 200, or 422 as a problem if there is a refusal. */
void ingest_answer_write(const struct request *request, const struct ingest_answer *answer, struct response *response);

#endif

/* A connection as the API answers it. */
#ifndef POTTO_FCGI_API_CONNECTION_JSON_H
#define POTTO_FCGI_API_CONNECTION_JSON_H

#include "base/json_write.h"
#include "store/admin/connection.h"

/* Its members, within an object that the caller begins and ends. No secret is among them. */
void connection_json_members(struct json_writer *json, const struct connection *connection);

#endif

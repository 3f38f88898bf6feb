/* A connection as the API answers it and takes it, by the table of its fields (store/admin/connection_fields.h). */
#ifndef POTTO_FCGI_API_CONNECTION_JSON_H
#define POTTO_FCGI_API_CONNECTION_JSON_H

#include "base/json_write.h"
#include "fcgi/request/request.h"
#include "store/admin/connection.h"

/* Its members, within an object that the caller begins and ends. No secret is among them. */
void connection_json_members(struct json_writer *json, const struct connection *connection);

/* The body of a new connection: the defaults, and what is given. The password is not sealed yet. Errors: as body_read.
 */
enum status connection_json_read_new(const struct request *request, struct connection_input *out_input,
                                     struct error *error);
/* The body of a change: at least one field, and of those that may be none, null or "" for none. Errors: as body_read.
 */
enum status connection_json_read_change(const struct request *request, struct connection_input *out_input,
                                        struct error *error);

#endif

/* Connections as JSON, by the table of their fields (store/admin/connection_fields.h). */
#ifndef POTTO_FCGI_API_CONNECTION_JSON_H
#define POTTO_FCGI_API_CONNECTION_JSON_H

#include "base/json_write.h"
#include "fcgi/request/request.h"
#include "store/admin/connection.h"

/* Write the members of a connection. The caller begins and ends the object. There are no secrets among them. */
void connection_json_members(struct json_writer *json, const struct connection *connection);

/* Read the body of a new connection; fields that are not given have their defaults. The password is plain. Errors: as
 * body_read. */
enum status connection_json_read_new(const struct request *request, struct connection_input *out_input,
                                     struct error *error);
/* Read the body of a change, which has at least one field. null and "" remove a value. The password is plain. Errors:
 * as body_read. */
enum status connection_json_read_change(const struct request *request, struct connection_input *out_input,
                                        struct error *error);

#endif

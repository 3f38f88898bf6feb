/* Connections as JSON, by the table of their fields (store/admin/connection_fields.h). */
#ifndef POTTO_FCGI_API_CONNECTION_JSON_H
#define POTTO_FCGI_API_CONNECTION_JSON_H

#include "base/json_write.h"
#include "fcgi/request/request.h"
#include "store/admin/connection.h"

/* Write the members of a connection. The caller begins and ends the object. There are no secrets among them. */
void connection_json_members(struct json_writer *json, const struct connection *connection);
/* Write a note if collectors do not read the engine, so that only agents feed the connection. */
void connection_json_note(struct json_writer *json, const struct connection *connection, struct arena *arena);

/* Read the body of a new connection; fields that are not given have their defaults. The password is plain. Errors: as
 * body_read. */
enum status connection_json_read_new(const struct request *request, struct connection_input *out_input,
                                     struct error *error);
/* Read the body of a change, which has at least one field. null and "" remove a value. The password is plain. Errors:
 * as body_read. */
enum status connection_json_read_change(const struct request *request, struct connection_input *out_input,
                                        struct error *error);

/* Read the body of a replacement, which is that of a new connection: what it lacks gets its default. Kept if it is not
 * given: the password, team and visibility, and whether literals are kept. Errors: as body_read. */
enum status connection_json_read_whole(const struct request *request, struct connection_input *out_input,
                                       struct error *error);

#endif

/* A connection as JSON; see connection_json.h. */
#include "fcgi/api/connection_json.h"

void connection_json_members(struct json_writer *json, const struct connection *connection)
{
    json_member_int64(json, "id", connection->id);
    json_member_text(json, "name", connection->name);
    json_member_text(json, "engine", connection->engine);
    json_member_text_or_null(json, "host", connection->host);
    json_member_id_or_null(json, "port", connection->port);
    json_member_text_or_null(json, "database", connection->database_name);
    json_member_text_or_null(json, "username", connection->username);
    json_member_bool(json, "has_password", connection->has_password);
    json_member_text(json, "tls_mode", connection->tls_mode);
    json_member_id_or_null(json, "team_id", connection->team_id);
    json_member_text_or_null(json, "team_name", connection->team_name);
    json_member_id_or_null(json, "owner_user_id", connection->owner_user_id);
    json_member_text(json, "visibility_scope", connection->visibility_scope);
    json_member_bool(json, "is_active", connection->is_active);
    json_member_bool(json, "is_visible", connection->is_visible);
    json_member_bool(json, "is_legacy", connection->is_legacy);
    json_member_bool(json, "monitoring_enabled", connection->monitoring_enabled);
    json_member_int64(json, "interval_s", connection->interval_s);
    json_member_double(json, "min_duration_ms", connection->min_duration_ms);
    json_member_bool(json, "keep_literals", connection->keep_literals);
    json_member_text_or_null(json, "agent_token_hint", connection->agent_token_hint);
    json_member_time(json, "created_at", connection->created_at_us);
    json_member_time(json, "updated_at", connection->updated_at_us);
    json_member_time(json, "last_data_at", connection->last_data_at_us);
    json_key(json, "collection");
    json_object_begin(json);
    json_member_text(json, "state", connection->state);
    json_member_text_or_null(json, "problem", connection->problem);
    json_member_text_or_null(json, "remedy", connection->remedy);
    json_member_text_or_null(json, "server_version", connection->server_version);
    json_member_time(json, "last_run_at", connection->last_run_at_us);
    json_member_time(json, "last_success_at", connection->last_success_at_us);
    json_member_time(json, "next_run_at", connection->next_run_at_us);
    json_member_double(json, "last_duration_ms", connection->last_duration_ms);
    json_member_int64(json, "last_found", connection->last_found);
    json_member_int64(json, "total_found", connection->total_found);
    json_object_end(json);
}

/* A connection as JSON; see connection_json.h. */
#include "fcgi/api/connection_json.h"

static void member_optional_text(struct json_writer *json, const char *key, struct text text)
{
    if (text.data == NULL)
        json_member_null(json, key);
    else
        json_member_text(json, key, text);
}

static void member_optional_id(struct json_writer *json, const char *key, int64_t id)
{
    if (id == 0)
        json_member_null(json, key);
    else
        json_member_int64(json, key, id);
}

void connection_json_members(struct json_writer *json, const struct connection *connection)
{
    json_member_int64(json, "id", connection->id);
    json_member_text(json, "name", connection->name);
    json_member_text(json, "engine", connection->engine);
    member_optional_text(json, "host", connection->host);
    member_optional_id(json, "port", connection->port);
    member_optional_text(json, "database", connection->database_name);
    member_optional_text(json, "username", connection->username);
    json_member_bool(json, "has_password", connection->has_password);
    json_member_text(json, "tls_mode", connection->tls_mode);
    member_optional_id(json, "team_id", connection->team_id);
    member_optional_text(json, "team_name", connection->team_name);
    member_optional_id(json, "owner_user_id", connection->owner_user_id);
    json_member_text(json, "visibility_scope", connection->visibility_scope);
    json_member_bool(json, "is_active", connection->is_active);
    json_member_bool(json, "is_visible", connection->is_visible);
    json_member_bool(json, "is_legacy", connection->is_legacy);
    json_member_bool(json, "monitoring_enabled", connection->monitoring_enabled);
    json_member_int64(json, "interval_s", connection->interval_s);
    json_member_double(json, "min_duration_ms", connection->min_duration_ms);
    json_member_bool(json, "keep_literals", connection->keep_literals);
    member_optional_text(json, "agent_token_hint", connection->agent_token_hint);
    json_member_time(json, "created_at", connection->created_at_us);
    json_member_time(json, "updated_at", connection->updated_at_us);
    json_member_time(json, "last_data_at", connection->last_data_at_us);
    json_key(json, "collection");
    json_object_begin(json);
    json_member_text(json, "state", connection->state);
    member_optional_text(json, "problem", connection->problem);
    member_optional_text(json, "remedy", connection->remedy);
    member_optional_text(json, "server_version", connection->server_version);
    json_member_time(json, "last_run_at", connection->last_run_at_us);
    json_member_time(json, "last_success_at", connection->last_success_at_us);
    json_member_time(json, "next_run_at", connection->next_run_at_us);
    json_member_double(json, "last_duration_ms", connection->last_duration_ms);
    json_member_int64(json, "last_found", connection->last_found);
    json_member_int64(json, "total_found", connection->total_found);
    json_object_end(json);
}

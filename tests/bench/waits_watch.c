/* waits_watch ENGINE HOST PORT DATABASE USER PASSWORD SECONDS COST_PPM
 *
 * Looks at the sessions of a server as a child of the collector does, and prints what was seen as JSON. For
 * bench_chains.py. */
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/json_write.h"
#include "collect/waits.h"

static struct text text_of_hash(const struct wait_facts *facts, const struct wait_statement *statement)
{
    for (size_t i = 0; statement->is_known && i < facts->statements.count; i++)
        if (sql_hash_equal(facts->statements.items[i].hash, statement->hash))
            return facts->statements.items[i].text;
    return (struct text){NULL, 0};
}

static void write_part(struct json_writer *json, const struct wait_facts *facts, const struct wait_part *part)
{
    json_member_int64(json, "watched_ms", part->watched_ms);
    json_member_int64(json, "look_count", part->look_count);
    json_member_int64(json, "cost_us", part->cost_us);
    json_key(json, "waits");
    json_array_begin(json);
    for (size_t i = 0; i < part->wait_count; i++) {
        json_object_begin(json);
        json_member_string(json, "class", wait_class_name(part->waits[i].wait_class));
        json_member_text(json, "event", part->waits[i].event);
        json_member_text_or_null(json, "statement", text_of_hash(facts, &part->waits[i].statement));
        json_member_text(json, "user", part->waits[i].user);
        json_member_text(json, "host", part->waits[i].host);
        json_member_text(json, "application", part->waits[i].application);
        json_member_int64(json, "session_ms", part->waits[i].session_ms);
        json_object_end(json);
    }
    json_array_end(json);
    json_key(json, "blocks");
    json_array_begin(json);
    for (size_t i = 0; i < part->block_count; i++) {
        json_object_begin(json);
        json_member_string(json, "root_state", block_state_name(part->blocks[i].state));
        json_member_text_or_null(json, "root", text_of_hash(facts, &part->blocks[i].root));
        json_member_text(json, "user", part->blocks[i].user);
        json_member_text(json, "application", part->blocks[i].application);
        json_member_text_or_null(json, "statement", text_of_hash(facts, &part->blocks[i].statement));
        json_member_int64(json, "session_ms", part->blocks[i].session_ms);
        json_member_int64(json, "depth", part->blocks[i].depth_max);
        json_member_int64(json, "waiters", part->blocks[i].waiters_max);
        json_object_end(json);
    }
    json_array_end(json);
}

static void print(const struct waits_result *result)
{
    struct buffer buffer;
    struct json_writer json;

    buffer_init(&buffer, 64 << 20);
    json_writer_init(&json, &buffer);
    json_object_begin(&json);
    json_member_string(&json, "problem", result->problem);
    json_member_string(&json, "remedy", result->remedy);
    json_member_string(&json, "detail", result->detail);
    write_part(&json, &result->facts, &result->facts.parts[0]);
    json_object_end(&json);
    printf("%.*s\n", (int)buffer.size_bytes, buffer.data);
    buffer_free(&buffer);
}

int main(int count, char **words)
{
    int64_t port = 0, watch_s = 0, cost_ppm = 0;
    struct target_options options = {
        .tls_mode = "disable", .connect_timeout_ms = 5000, .statement_timeout_ms = 3000, .lock_timeout_ms = 500};
    struct waits_input input = {.target = &options, .keeps_literals = true};
    struct waits_result result;
    struct arena *arena = arena_new(0);

    if (count != 9 || !text_to_int64(text_of(words[3]), &port) || !text_to_int64(text_of(words[7]), &watch_s) ||
        !text_to_int64(text_of(words[8]), &cost_ppm)) {
        fprintf(stderr, "usage: waits_watch ENGINE HOST PORT DATABASE USER PASSWORD SECONDS COST_PPM\n");
        return 2;
    }
    options.engine = words[1];
    options.host = words[2];
    options.port = (int)port;
    options.database = words[4];
    options.username = words[5];
    options.password = words[6];
    input.stretch_ms = input.first_part_ms = watch_s * 1000;
    input.pause_ms = 1000;
    input.cost_ppm = cost_ppm;
    collect_waits(&input, arena, &result);
    print(&result);
    arena_destroy(arena);
    return result.state == COLLECT_STATE_FAILED;
}

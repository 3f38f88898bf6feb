/* Requests and answers as bytes; see message.h. */
#include "child/message.h"

#include "base/clock.h"
#include "base/json_storable.h"
#include "facts/codec.h"

enum {
    MESSAGE_VERSION = 1,
    SETTING_BYTES_MAX = 16 * 1024, /* a host, a user, a password, … */
    SETTINGS_BYTES_MAX = 8 * SETTING_BYTES_MAX,
    WORDS_BYTES_MAX = 64 * 1024, /* a problem, a remedy; a remedy may name each of many tables */
    VERSION_BYTES_MAX = 512,
    WAIT_MS_MAX = 24 * 3600 * 1000,
    PORT_MAX = 65535,
    PLANNED_MAX = FACTS_BASELINES_MAX
};

/* ---- requests ---- */

static void pack_options(const struct target_options *options, struct buffer *buffer)
{
    pack_string(buffer, options->engine);
    pack_string(buffer, options->host);
    pack_bool(buffer, options->allows_sockets);
    pack_int64(buffer, options->port);
    pack_string(buffer, options->database);
    pack_string(buffer, options->username);
    pack_string(buffer, options->password);
    pack_string(buffer, options->tls_mode);
    pack_string(buffer, options->ca_file);
    pack_int64(buffer, options->connect_timeout_ms);
    pack_int64(buffer, options->statement_timeout_ms);
    pack_int64(buffer, options->lock_timeout_ms);
}

static const char *unpack_setting(struct unpacker *unpacker, struct arena *arena)
{
    struct text text = unpack_text_or_null(unpacker, SETTING_BYTES_MAX);

    return text.data == NULL ? NULL : arena_string(arena, text.data, text.size);
}

static void unpack_options(struct unpacker *unpacker, struct arena *arena, struct target_options *out_options)
{
    *out_options = (struct target_options){.engine = unpack_setting(unpacker, arena)};
    out_options->host = unpack_setting(unpacker, arena);
    out_options->allows_sockets = unpack_bool(unpacker);
    out_options->port = (int)unpack_int64(unpacker, 0, PORT_MAX);
    out_options->database = unpack_setting(unpacker, arena);
    out_options->username = unpack_setting(unpacker, arena);
    out_options->password = unpack_setting(unpacker, arena);
    out_options->tls_mode = unpack_setting(unpacker, arena);
    out_options->ca_file = unpack_setting(unpacker, arena);
    out_options->connect_timeout_ms = (int)unpack_int64(unpacker, 0, WAIT_MS_MAX);
    out_options->statement_timeout_ms = (int)unpack_int64(unpacker, 0, WAIT_MS_MAX);
    out_options->lock_timeout_ms = (int)unpack_int64(unpacker, 0, WAIT_MS_MAX);
}

static void pack_input(const struct collect_input *input, struct buffer *buffer)
{
    pack_double(buffer, input->min_duration_ms);
    pack_double(buffer, input->log_min_duration_ms);
    pack_bool(buffer, input->keeps_literals);
    pack_text(buffer, input->cursor);
    facts_pack_baselines(&input->baselines, buffer);
    pack_int64(buffer, (int64_t)input->planned_count);
    buffer_append(buffer, input->planned, input->planned_count * sizeof *input->planned);
    pack_bool(buffer, input->makes_plans);
    pack_int64(buffer, input->now_us);
}

static void unpack_input(struct unpacker *unpacker, struct arena *arena, struct collect_input *out_input)
{
    struct sql_hash *planned;

    *out_input = (struct collect_input){.min_duration_ms = unpack_double(unpacker, 0)};
    out_input->log_min_duration_ms = unpack_double(unpacker, 0);
    out_input->keeps_literals = unpack_bool(unpacker);
    out_input->cursor = unpack_text_or_null(unpacker, MESSAGE_BYTES_MAX);
    facts_unpack_baselines(unpacker, arena, &out_input->baselines);
    out_input->planned_count = unpack_count(unpacker, PLANNED_MAX, sizeof *planned);
    planned = arena_alloc_array(arena, out_input->planned_count, sizeof *planned);
    unpack_bytes(unpacker, planned, out_input->planned_count * sizeof *planned);
    out_input->planned = planned;
    out_input->makes_plans = unpack_bool(unpacker);
    out_input->now_us = unpack_int64(unpacker, CLOCK_FIRST_US, CLOCK_LAST_US);
}

static void pack_waits_input(const struct waits_input *input, struct buffer *buffer)
{
    pack_bool(buffer, input->keeps_literals);
    pack_int64(buffer, input->stretch_ms);
    pack_int64(buffer, input->first_part_ms);
    pack_int64(buffer, input->pause_ms);
    pack_int64(buffer, input->cost_ppm);
}

static void unpack_waits_input(struct unpacker *unpacker, struct waits_input *out_input)
{
    *out_input = (struct waits_input){.keeps_literals = unpack_bool(unpacker)};
    out_input->stretch_ms = unpack_int64(unpacker, 0, WAITS_STRETCH_MAX_S * INT64_C(1000));
    out_input->first_part_ms = unpack_int64(unpacker, 0, out_input->stretch_ms);
    out_input->pause_ms = unpack_int64(unpacker, 1, COLLECT_WAITS_PAUSE_MAX_MS);
    out_input->cost_ppm = unpack_int64(unpacker, 1, 1000000);
}

/* Bytes of any kind. */
static void pack_raw(struct buffer *buffer, struct text bytes)
{
    pack_int64(buffer, (int64_t)bytes.size);
    buffer_append(buffer, bytes.data, bytes.size);
}

static struct text unpack_raw(struct unpacker *unpacker, size_t max_bytes)
{
    size_t size = unpack_count(unpacker, max_bytes, 1);
    struct text bytes = {unpacker->at, size};

    unpacker->at += unpacker->has_failed ? 0 : size;
    return unpacker->has_failed ? TEXT("") : bytes;
}

static void pack_place(const struct logs_place *place, struct buffer *buffer)
{
    pack_int64(buffer, place->offset);
    pack_int64(buffer, place->told - place->offset);
    pack_int64(buffer, place->mode);
}

static struct logs_place unpack_place(struct unpacker *unpacker, int64_t from, int64_t until)
{
    struct logs_place place = {.offset = unpack_int64(unpacker, from, until)};

    place.told = unpacker->has_failed ? 0 : place.offset + unpack_int64(unpacker, 0, until - place.offset);
    place.mode = (int)unpack_int64(unpacker, 0, LOGS_MODE_COUNT - 1);
    return place;
}

static void pack_log_input(const struct log_input *input, struct buffer *buffer)
{
    pack_text(buffer, input->engine);
    pack_text(buffer, input->database);
    pack_bool(buffer, input->keeps_literals);
    pack_double(buffer, input->min_duration_ms);
    pack_int64(buffer, input->format);
    pack_text(buffer, input->prefix);
    pack_bool(buffer, input->has_utc_offset);
    pack_int64(buffer, input->utc_offset_s);
    pack_int64(buffer, input->now_us);
    pack_raw(buffer, input->head);
    pack_place(&input->place, buffer);
    pack_int64(buffer, input->quiet);
    pack_bool(buffer, input->is_last);
    pack_raw(buffer, input->bytes);
}

static void unpack_log_input(struct unpacker *unpacker, struct log_input *out_input)
{
    *out_input = (struct log_input){.engine = unpack_text_or_null(unpacker, SETTING_BYTES_MAX)};
    out_input->database = unpack_text_or_null(unpacker, SETTING_BYTES_MAX);
    out_input->keeps_literals = unpack_bool(unpacker);
    out_input->min_duration_ms = unpack_double(unpacker, 0);
    out_input->format = (enum logs_format)unpack_int64(unpacker, LOGS_FORMAT_UNSET, LOGS_FORMAT_COUNT - 1);
    out_input->prefix = unpack_text_or_null(unpacker, SETTING_BYTES_MAX);
    out_input->has_utc_offset = unpack_bool(unpacker);
    out_input->utc_offset_s = unpack_int64(unpacker, INT64_MIN, INT64_MAX);
    out_input->now_us = unpack_int64(unpacker, CLOCK_FIRST_US, CLOCK_LAST_US);
    out_input->head = unpack_raw(unpacker, COLLECT_LOG_HEAD_BYTES);
    out_input->place = unpack_place(unpacker, 0, INT64_MAX);
    out_input->quiet = unpack_int64(unpacker, INT64_MIN, INT64_MAX);
    out_input->is_last = unpack_bool(unpacker);
    out_input->bytes = unpack_raw(unpacker, COLLECT_LOG_BYTES_MAX);
}

void message_pack_request(const struct message_request *request, struct buffer *buffer)
{
    pack_int64(buffer, MESSAGE_VERSION);
    pack_int64(buffer, request->kind);
    pack_int64(buffer, request->max_ms);
    pack_bool(buffer, request->is_yielding);
    if (request->kind == MESSAGE_COLLECT)
        pack_input(&request->input, buffer);
    else if (request->kind == MESSAGE_WAITS)
        pack_waits_input(&request->waits, buffer);
    else if (request->kind == MESSAGE_LOG)
        pack_log_input(&request->log, buffer);
    else
        pack_double(buffer, request->min_duration_ms);
    /* Without a move, no freed memory keeps the password. */
    if (buffer_reserve(buffer, SETTINGS_BYTES_MAX))
        pack_options(&request->options, buffer);
}

bool message_unpack_request(struct text bytes, struct arena *arena, struct message_request *out_request)
{
    struct unpacker unpacker = unpack_begin(bytes);

    unpack_int64(&unpacker, MESSAGE_VERSION, MESSAGE_VERSION);
    *out_request =
        (struct message_request){.kind = (enum message_kind)unpack_int64(&unpacker, MESSAGE_COLLECT, MESSAGE_LOG)};
    out_request->max_ms = unpack_int64(&unpacker, 0, WAIT_MS_MAX);
    out_request->is_yielding = unpack_bool(&unpacker);
    if (out_request->kind == MESSAGE_COLLECT)
        unpack_input(&unpacker, arena, &out_request->input);
    else if (out_request->kind == MESSAGE_WAITS)
        unpack_waits_input(&unpacker, &out_request->waits);
    else if (out_request->kind == MESSAGE_LOG)
        unpack_log_input(&unpacker, &out_request->log);
    else
        out_request->min_duration_ms = unpack_double(&unpacker, 0);
    unpack_options(&unpacker, arena, &out_request->options);
    return unpack_finish(&unpacker);
}

/* ---- the answer of a cycle ---- */

static void pack_mended(struct buffer *buffer, struct text text, struct arena *arena)
{
    pack_text(buffer, text.data == NULL ? text : text_to_utf8(text, arena));
}

enum { WORDS = 3 /* problem, remedy, detail */ };

static void pack_begin(enum collect_state state, const char *const words[WORDS], struct arena *arena,
                       struct buffer *buffer)
{
    pack_int64(buffer, MESSAGE_VERSION);
    pack_int64(buffer, state);
    for (int i = 0; i < WORDS; i++)
        pack_mended(buffer, text_of(words[i]), arena);
}

void message_pack_collected(const struct collect_result *result, struct arena *arena, struct buffer *buffer)
{
    pack_begin(result->state, (const char *const[]){result->problem, result->remedy, result->detail}, arena, buffer);
    pack_text(buffer, result->server_version);
    pack_text(buffer, result->cursor);
    pack_bool(buffer, result->has_more);
    pack_int64(buffer, result->spent_us);
    pack_int64(buffer, result->cost_us);
    pack_int64(buffer, result->plan_cost_us);
    pack_int64(buffer, result->statement_count);
    facts_pack(&result->facts, buffer);
}

/* Into an array, with NUL. What does not fit any more after it was mended is cut. */
static void unpack_words(struct unpacker *unpacker, char *out, size_t size)
{
    struct text text = text_cut_utf8(unpack_text(unpacker, size * 3), size - 1);

    if (text.size > 0)
        memcpy(out, text.data, text.size);
    out[text.size] = '\0';
}

/* Literals that were not to be kept, or facts of a kind that a cycle never finds. */
static bool has_forbidden(const struct facts *facts, bool keeps_literals)
{
    for (size_t i = 0; i < facts->samples.count; i++)
        if (facts->samples.items[i].plan.data != NULL ||
            (!keeps_literals && facts->samples.items[i].full_sql.data != NULL))
            return true;
    for (size_t i = 0; i < facts->plans.count; i++)
        if (facts->plans.items[i].provenance == PLAN_PROVENANCE_AGENT)
            return true;
    return facts->samples.provenance == SAMPLE_PROVENANCE_AGENT;
}

bool message_unpack_collected(struct text bytes, const struct collect_input *input, struct arena *arena,
                              struct collect_result *out_result)
{
    struct unpacker unpacker = unpack_begin(bytes);

    unpack_int64(&unpacker, MESSAGE_VERSION, MESSAGE_VERSION);
    memset(out_result, 0, sizeof *out_result);
    out_result->state = (enum collect_state)unpack_int64(&unpacker, COLLECT_STATE_OK, COLLECT_STATE_FAILED);
    unpack_words(&unpacker, out_result->problem, sizeof out_result->problem);
    unpack_words(&unpacker, out_result->remedy, sizeof out_result->remedy);
    unpack_words(&unpacker, out_result->detail, sizeof out_result->detail);
    out_result->server_version = unpack_text_or_null(&unpacker, VERSION_BYTES_MAX);
    out_result->cursor = unpack_text_or_null(&unpacker, MESSAGE_CURSOR_BYTES_MAX);
    out_result->has_more = unpack_bool(&unpacker);
    out_result->spent_us = unpack_int64(&unpacker, 0, INT64_MAX);
    out_result->cost_us = unpack_int64(&unpacker, 0, out_result->spent_us);
    out_result->plan_cost_us = unpack_int64(&unpacker, 0, out_result->cost_us);
    out_result->statement_count = (int)unpack_int64(&unpacker, 0, INT32_MAX);
    facts_unpack(&unpacker, arena, &out_result->facts);
    return unpack_finish(&unpacker) &&
           (out_result->cursor.data == NULL || json_is_storable_object(out_result->cursor, arena)) &&
           !has_forbidden(&out_result->facts, input->keeps_literals);
}

/* ---- the answer of looks at sessions ---- */

void message_pack_waits(const struct waits_result *result, struct arena *arena, struct buffer *buffer)
{
    pack_begin(result->state, (const char *const[]){result->problem, result->remedy, result->detail}, arena, buffer);
    facts_pack_waits(&result->facts, buffer);
}

bool message_unpack_waits(struct text bytes, struct arena *arena, struct waits_result *out_result)
{
    struct unpacker unpacker = unpack_begin(bytes);

    unpack_int64(&unpacker, MESSAGE_VERSION, MESSAGE_VERSION);
    *out_result = (struct waits_result){.problem = ""};
    out_result->state = (enum collect_state)unpack_int64(&unpacker, COLLECT_STATE_OK, COLLECT_STATE_FAILED);
    unpack_words(&unpacker, out_result->problem, sizeof out_result->problem);
    unpack_words(&unpacker, out_result->remedy, sizeof out_result->remedy);
    unpack_words(&unpacker, out_result->detail, sizeof out_result->detail);
    facts_unpack_waits(&unpacker, arena, &out_result->facts);
    return unpack_finish(&unpacker);
}

/* ---- the answer of a part of a log file ---- */

enum { LOG_COUNTS = sizeof(struct logs_counts) / sizeof(int64_t) };

void message_pack_log(const struct log_result *result, struct buffer *buffer)
{
    const int64_t *counts = (const int64_t *)&result->counts;

    pack_int64(buffer, MESSAGE_VERSION);
    pack_string(buffer, result->problem);
    pack_int64(buffer, result->format);
    pack_place(&result->place, buffer);
    for (size_t i = 0; i < LOG_COUNTS; i++)
        pack_int64(buffer, counts[i]);
    pack_bool(buffer, result->has_more);
    pack_int64(buffer, result->elsewhere);
    pack_int64(buffer, result->last_event_us);
    facts_pack_log(&result->facts, buffer);
}

/* Executions that no database can have run, literals that were not to be kept, or a plan that the store would refuse.
 */
static bool has_forbidden_samples(const struct log_input *input, const struct sample_facts *samples)
{
    struct arena *arena = arena_new(0);
    bool is_forbidden = samples->provenance != SAMPLE_PROVENANCE_SLOW_LOG;

    for (size_t i = 0; i < samples->count && !is_forbidden; i++) {
        const struct sample_fact *sample = &samples->items[i];

        is_forbidden = !sample_is_possible(sample, CLOCK_LAST_US) || sample->full_sql.size > LOGS_SQL_BYTES_MAX ||
                       sample->plan.size > LOGS_PLAN_BYTES_MAX ||
                       (sample->plan.data != NULL) != sample->has_plan_hash ||
                       (!input->keeps_literals && (sample->full_sql.data != NULL || sample->plan.data != NULL)) ||
                       (sample->plan.data != NULL && !json_is_storable_object(sample->plan, arena));
        arena_reset(arena);
    }
    arena_destroy(arena);
    return is_forbidden;
}

bool message_unpack_log(struct text bytes, const struct log_input *input, struct arena *arena,
                        struct log_result *out_result)
{
    struct unpacker unpacker = unpack_begin(bytes);
    int64_t *counts = (int64_t *)&out_result->counts;

    unpack_int64(&unpacker, MESSAGE_VERSION, MESSAGE_VERSION);
    *out_result = (struct log_result){.problem = ""};
    unpack_words(&unpacker, out_result->problem, sizeof out_result->problem);
    out_result->format = (enum logs_format)unpack_int64(&unpacker, LOGS_FORMAT_STDERR, LOGS_FORMAT_COUNT - 1);
    out_result->place = unpack_place(&unpacker, input->place.offset, input->place.offset + (int64_t)input->bytes.size);
    for (size_t i = 0; i < LOG_COUNTS; i++)
        counts[i] = unpack_int64(&unpacker, 0, (int64_t)input->bytes.size + 1);
    out_result->has_more = unpack_bool(&unpacker);
    out_result->elsewhere = unpack_int64(&unpacker, 0, (int64_t)input->bytes.size);
    out_result->last_event_us = unpack_int64(&unpacker, INT64_MIN, CLOCK_LAST_US);
    facts_unpack_log(&unpacker, arena, &out_result->facts);
    return unpack_finish(&unpacker) && out_result->place.told >= input->place.told &&
           !has_forbidden_samples(input, &out_result->facts.samples);
}

/* ---- the answer of a probe ---- */

void message_pack_probed(const struct probe_result *result, struct arena *arena, struct buffer *buffer)
{
    pack_int64(buffer, MESSAGE_VERSION);
    pack_bool(buffer, result->is_reachable);
    pack_mended(buffer, text_of(result->problem), arena);
    pack_mended(buffer, text_of(result->remedy), arena);
    pack_double(buffer, result->latency_ms);
    pack_mended(buffer, result->server_version, arena);
    pack_mended(buffer, result->user, arena);
    pack_mended(buffer, result->database, arena);
    pack_int64(buffer, result->check_count);
    for (int i = 0; i < result->check_count; i++) {
        const struct probe_check *check = &result->checks[i];

        pack_mended(buffer, text_of(check->name), arena);
        pack_bool(buffer, check->is_ok);
        pack_bool(buffer, check->is_required);
        pack_mended(buffer, text_of(check->problem), arena);
        pack_mended(buffer, text_of(check->remedy), arena);
    }
}

static const char *unpack_string(struct unpacker *unpacker, struct arena *arena)
{
    struct text text = unpack_text(unpacker, WORDS_BYTES_MAX);

    return arena_string(arena, text.data, text.size);
}

bool message_unpack_probed(struct text bytes, struct arena *arena, struct probe_result *out_result)
{
    struct unpacker unpacker = unpack_begin(bytes);

    unpack_int64(&unpacker, MESSAGE_VERSION, MESSAGE_VERSION);
    *out_result = (struct probe_result){.is_reachable = unpack_bool(&unpacker)};
    out_result->problem = unpack_string(&unpacker, arena);
    out_result->remedy = unpack_string(&unpacker, arena);
    out_result->latency_ms = unpack_double(&unpacker, 0);
    out_result->server_version = unpack_text_or_null(&unpacker, VERSION_BYTES_MAX);
    out_result->user = unpack_text_or_null(&unpacker, FACTS_NAME_BYTES_MAX);
    out_result->database = unpack_text_or_null(&unpacker, FACTS_NAME_BYTES_MAX);
    out_result->check_count = (int)unpack_count(&unpacker, PROBE_CHECKS_MAX, 1);
    for (int i = 0; i < out_result->check_count; i++) {
        struct probe_check *check = &out_result->checks[i];

        check->name = unpack_string(&unpacker, arena);
        check->is_ok = unpack_bool(&unpacker);
        check->is_required = unpack_bool(&unpacker);
        check->problem = unpack_string(&unpacker, arena);
        check->remedy = unpack_string(&unpacker, arena);
    }
    return unpack_finish(&unpacker);
}

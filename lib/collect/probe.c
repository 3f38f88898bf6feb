/* Testing a connection; see probe.h. */
#include "collect/probe.h"

#include "base/clock.h"
#include "collect/engine.h"
#include "collect/probe_internal.h"

enum status probe_run(struct probe *probe, const struct target_statement *statement, struct target_rows *out_rows)
{
    if (!target_is_usable(probe->target))
        return STATUS_UNAVAILABLE;
    return target_run(probe->target, statement, NULL, 0, probe->arena, out_rows, &probe->failure);
}

const char *probe_text(struct text text, struct arena *arena)
{
    text = text_to_utf8(text, arena);
    return text.size == 0 ? "" : arena_string(arena, text.data, text.size);
}

static void unreachable(struct probe *probe)
{
    probe->result->is_reachable = false;
    probe->result->problem = probe_text(text_of(probe->failure.problem), probe->arena);
    probe->result->remedy = probe_text(text_of(probe->failure.remedy), probe->arena);
}

void probe_add_check(struct probe *probe, const char *name, bool is_required, bool is_ok, const char *problem,
                     const char *remedy)
{
    struct probe_result *result = probe->result;

    if (result->check_count < PROBE_CHECKS_MAX)
        result->checks[result->check_count++] =
            (struct probe_check){name, is_ok, is_required, is_ok ? "" : problem, is_ok ? "" : remedy};
}

static void measure(struct probe *probe)
{
    static const struct target_column columns[] = {{"one", .kind = TARGET_COUNT}};
    static const struct target_statement statement = {.sql = "SELECT /* potto */ 1 AS potto",
                                                      TARGET_COLUMNS(columns),
                                                      .rows_min = 1,
                                                      .rows_max = 1,
                                                      .cost_max = 1024};
    int64_t started_us = clock_monotonic_us();
    struct target_rows rows;

    if (probe_run(probe, &statement, &rows) == STATUS_OK)
        probe->result->latency_ms = (double)(clock_monotonic_us() - started_us) / 1000;
}

void collect_probe(const struct target_options *options, double min_duration_ms, struct arena *arena,
                   struct probe_result *out_result)
{
    struct probe probe = {.result = out_result, .arena = arena, .min_duration_ms = min_duration_ms};

    *out_result = (struct probe_result){.problem = "", .remedy = ""};
    if (target_open(options, &probe.target, &probe.failure) != STATUS_OK) {
        unreachable(&probe);
        return;
    }
    out_result->is_reachable = true;
    out_result->server_version = text_of(probe_text(text_of(target_server_version(probe.target)), arena));
    measure(&probe);
    if (!collect_engine_of(options->engine)->probe(&probe) || !target_is_usable(probe.target))
        unreachable(&probe);
    target_close(probe.target);
}

/* Drawing waits; see waits_view.h. */
#include "fcgi/pages/waits_view.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/engine.h"
#include "fcgi/pages/charts_view.h"
#include "fcgi/pages/query_view.h"

#define DASH "\xe2\x80\x93"

enum { ROW_SQL_BYTES_MAX = 400, INDENT_MAX = 6 };

/* Rare classes share the last layer of the chart. */
enum layer {
    LAYER_CPU,
    LAYER_IO,
    LAYER_LWLOCK,
    LAYER_LOCK,
    LAYER_CLIENT,
    LAYER_IPC,
    LAYER_TIMEOUT,
    LAYER_OTHER,
    LAYERS
};

static const struct {
    enum layer layer;
    const char *label;
    const char *did; /* of sessions: what they did meanwhile */
} class_words[WAIT_CLASS_COUNT] = {
    [WAIT_CLASS_UNSET] = {LAYER_OTHER, "Other", "waited for something else"},
    [WAIT_CLASS_CPU] = {LAYER_CPU, "At work", "worked"},
    [WAIT_CLASS_LOCK] = {LAYER_LOCK, "Locks", "waited for locks"},
    [WAIT_CLASS_LWLOCK] = {LAYER_LWLOCK, "Internal locks", "waited for internal locks"},
    [WAIT_CLASS_IO] = {LAYER_IO, "Reads and writes", "waited for reads and writes"},
    [WAIT_CLASS_BUFFER_PIN] = {LAYER_OTHER, "Buffer pins", "waited for buffer pins"},
    [WAIT_CLASS_CLIENT] = {LAYER_CLIENT, "Client", "waited for their clients"},
    [WAIT_CLASS_IPC] = {LAYER_IPC, "Other processes", "waited for other processes"},
    [WAIT_CLASS_TIMEOUT] = {LAYER_TIMEOUT, "Sleep", "slept"},
    [WAIT_CLASS_ACTIVITY] = {LAYER_OTHER, "Background", "waited for something to do"},
    [WAIT_CLASS_EXTENSION] = {LAYER_OTHER, "Extensions", "waited for an extension"},
    [WAIT_CLASS_OTHER] = {LAYER_OTHER, "Other", "waited for something else"},
};

static const struct chart_measure layers[LAYERS] = {
    [LAYER_CPU] = {.key = "cpu", .title = "At work", .note = "", .format = format_mean},
    [LAYER_IO] = {.key = "io", .title = "Reads and writes", .note = "", .format = format_mean},
    [LAYER_LWLOCK] = {.key = "lwlock", .title = "Internal locks", .note = "", .format = format_mean},
    [LAYER_LOCK] = {.key = "lock", .title = "Locks", .note = "", .format = format_mean},
    [LAYER_CLIENT] = {.key = "client", .title = "Client", .note = "", .format = format_mean},
    [LAYER_IPC] = {.key = "ipc", .title = "Other processes", .note = "", .format = format_mean},
    [LAYER_TIMEOUT] = {.key = "timeout", .title = "Sleep", .note = "", .format = format_mean},
    [LAYER_OTHER] = {.key = "other", .title = "Other", .note = "", .format = format_mean},
};

static const struct {
    const char *label, *class;
    bool is_last; /* its statement is its last one */
} state_words[BLOCK_STATE_COUNT] = {
    [BLOCK_STATE_ACTIVE] = {"at work", "", false},
    [BLOCK_STATE_IDLE_IN_TRANSACTION] = {"idle in transaction", "warn", true},
    [BLOCK_STATE_IDLE] = {"idle, outside a transaction", "warn", true},
    [BLOCK_STATE_PREPARED] = {"a prepared transaction, of no session", "warn", true},
    [BLOCK_STATE_UNKNOWN] = {"what it did is not known", "", false},
};

static enum wait_class class_of(const struct waits_group *group)
{
    return group->wait_class > WAIT_CLASS_UNSET && group->wait_class < WAIT_CLASS_COUNT ? group->wait_class
                                                                                        : WAIT_CLASS_OTHER;
}

static enum block_state known_state(enum block_state state)
{
    return state > BLOCK_STATE_UNSET && state < BLOCK_STATE_COUNT ? state : BLOCK_STATE_UNKNOWN;
}

const char *waits_view_state(enum block_state state)
{
    return state_words[known_state(state)].label;
}

/* ---- why there is nothing ---- */

const char *waits_view_why_none(const struct page *page, const struct connection *connection,
                                const struct waits_watch *watch, const struct waits_totals *totals)
{
    const struct engine *engine = engine_of(connection->engine);
    bool is_failing = text_equal(watch->state, TEXT("failed"));

    if (totals->watched_ms > 0)
        return NULL;
    if (engine == NULL || (!engine->is_collected && watch->ended_us == INT64_MIN))
        return arena_printf(page->arena, "Potto does not look at sessions of %.*s yet.",
                            (int)page_engine_name(connection).size, page_engine_name(connection).data);
    if (connection->host.size == 0)
        return "An agent feeds this database. Potto looks at sessions only where it has a host to connect to.";
    if (page->request->config->waits == 0)
        return "Looking at sessions is switched off here (POTTO_WAITS).";
    if (!connection->is_active || !connection->monitoring_enabled)
        return "Monitoring of this database is off, so nobody looks at its sessions.";
    if (!connection->waits_enabled)
        return "Looking at its sessions is switched off for this database (waits_enabled).";
    if (is_failing)
        return "Nobody could look at its sessions in this period; what failed is above.";
    if (watch->ended_us == INT64_MIN && !text_equal(connection->state, TEXT("ok")) &&
        !text_equal(connection->state, TEXT("warning")))
        return "Its sessions are looked at once a run of collection has succeeded.";
    if (watch->ended_us == INT64_MIN)
        return "Nobody has looked at its sessions yet. The first look ends about a minute after it begins.";
    return "Nobody looked at its sessions in this period.";
}

void waits_view_problem(struct page_data *data, const struct waits_watch *watch)
{
    struct page_data *section;

    if (watch->problem.size == 0)
        return;
    section = page_section(data, "WATCH_PROBLEM");
    page_set_string(section, "WATCH_CLASS",
                    text_equal(watch->state, TEXT("failed")) ? "bad"
                    : text_equal(watch->state, TEXT("ok"))   ? ""
                                                             : "warn");
    page_set(section, "PROBLEM", watch->problem);
    page_show_text(section, "HAS_REMEDY", "REMEDY", watch->remedy);
}

/* ---- in a sentence ---- */

double waits_view_class_share(const struct waits_groups *groups, enum wait_class wait_class)
{
    for (size_t i = 0; i < groups->count && groups->session_ms > 0; i++)
        if (!groups->items[i].is_rest && class_of(&groups->items[i]) == wait_class)
            return groups->items[i].session_ms / groups->session_ms;
    return 0;
}

const char *waits_view_shares(const struct page *page, const struct waits_groups *classes, const char *whose,
                              const char *who)
{
    const char *said = "";
    char share[FORMAT_BYTES];

    for (size_t i = 0; i < classes->count && i < 3; i++) {
        double part = classes->items[i].session_ms / classes->session_ms;

        if (i > 0 && part < 0.05)
            break;
        said = arena_printf(page->arena, "%s%s%s %s%s %s", said, i == 0 ? "" : ", ", format_share(part, share),
                            i == 0 ? arena_printf(page->arena, "of %s time ", whose) : "", who,
                            class_words[class_of(&classes->items[i])].did);
    }
    return said;
}

double waits_view_kept_ms(const struct waits_report *report)
{
    double kept_ms = 0;

    for (size_t i = 0; i < report->root_count; i++)
        kept_ms += report->roots[i].session_ms;
    return kept_ms;
}

const char *waits_view_sentence(const struct page *page, const struct waits_groups *classes,
                                const struct waits_totals *totals)
{
    char mean[FORMAT_BYTES];

    if (classes->session_ms <= 0)
        return arena_printf(page->arena, "No session was at work at any of %lld looks.", (long long)totals->look_count);
    return arena_printf(
        page->arena, "On average %s %s active; %s.", format_mean(classes->session_ms / totals->watched_ms, mean),
        strcmp(mean, "1.0") == 0 ? "session was" : "sessions were", waits_view_shares(page, classes, "their", "they"));
}

/* ---- the chart ---- */

/* One value for each `group` neighbouring steps, which weigh as long as somebody looked. */
static struct chart_values values_make(const struct page *page, const struct waits_report *report, size_t group)
{
    size_t count = (report->step_count + group - 1) / group;
    int64_t *times_us = arena_alloc_array(page->arena, count, sizeof *times_us);
    double *values = arena_alloc_array(page->arena, count * LAYERS, sizeof *values);

    for (size_t i = 0; i < count; i++) {
        size_t first = i * group, end = first + group < report->step_count ? first + group : report->step_count;
        double watched_ms = 0;

        times_us[i] = report->steps[first].at_us;
        for (size_t step = first; step < end; step++)
            watched_ms += (double)report->steps[step].watched_ms;
        for (size_t g = 0; g < report->groups.count; g++)
            for (size_t step = first; step < end; step++)
                values[class_words[class_of(&report->groups.items[g])].layer * count + i] +=
                    report->groups.items[g].step_ms[step];
        for (size_t layer = 0; layer < LAYERS; layer++)
            values[layer * count + i] = watched_ms > 0 ? values[layer * count + i] / watched_ms : NAN;
    }
    return (struct chart_values){times_us, values, count};
}

void waits_view_chart(struct page *page, const struct waits_report *report)
{
    static const struct chart_measure stack = {.key = "sessions",
                                               .title = "Active sessions",
                                               .note = "on average, by what they waited for",
                                               .unit = "mean",
                                               .format = format_mean,
                                               .format_mark = format_mean_mark};
    const struct chart_measure *measures[LAYERS];
    struct charts charts = {.measures = measures, .measure_count = LAYERS, .stack = &stack, .bucket_s = report->step_s};

    for (size_t i = 0; i < LAYERS; i++)
        measures[i] = &layers[i];
    charts.points = values_make(page, report, 1);
    charts.rows = values_make(page, report, report->step_count == 0 ? 1 : charts_row_points(report->step_count));
    charts_view_fill(page, &charts);
}

/* ---- tables ---- */

void waits_view_statement(const struct page *page, struct page_data *data, bool is_known, struct sql_hash hash,
                          struct text fingerprint, const char *why, enum sql_dialect dialect)
{
    struct page_data *section;

    if (!is_known || fingerprint.size == 0) {
        page_set_string(page_section(data, "NO_SQL"), "WHY", why);
        return;
    }
    section = page_section(data, "HAS_SQL");
    page_set(section, "LINK", page_link_query(page, hash));
    query_view_sql(section, dialect, text_cut_utf8(fingerprint, ROW_SQL_BYTES_MAX), false, page->arena);
}

static void fill_name(const struct page *page, struct page_data *row, const struct waits_group *group,
                      const char *group_by, enum sql_dialect dialect)
{
    if (strcmp(group_by, "statement") == 0) {
        waits_view_statement(page, row, group->has_statement, group->hash, group->fingerprint,
                             group->is_rest ? "All others" : "The server did not tell the statement", dialect);
    } else if (group->is_rest) {
        page_set_string(row, "NAME", "All others");
    } else if (strcmp(group_by, "wait") == 0) {
        page_set_string(page_section(row, "HAS_CLASS"), "LAYER_KEY", layers[class_words[class_of(group)].layer].key);
        page_set_string(row, "NAME", class_words[class_of(group)].label);
        page_show_text(row, "HAS_EVENT", "EVENT", group->event);
    } else {
        page_set(row, "NAME", group->name.size > 0 ? group->name : TEXT("not known"));
    }
}

void waits_view_groups(const struct page *page, struct page_data *table, const struct waits_groups *groups,
                       const char *group_by, enum sql_dialect dialect, double watched_ms)
{
    char text[FORMAT_BYTES];

    for (size_t i = 0; i < groups->count; i++) {
        const struct waits_group *group = &groups->items[i];
        struct page_data *row = page_section(table, "ROW");
        double share = groups->session_ms > 0 ? group->session_ms / groups->session_ms : 0;

        fill_name(page, row, group, group_by, dialect);
        page_set_string(row, "SESSIONS", format_mean(watched_ms > 0 ? group->session_ms / watched_ms : NAN, text));
        page_set_string(row, "SHARE", format_share(share, text));
        page_set_string(row, "SHARE_WIDTH", arena_printf(page->arena, "%.1f", share * 100));
    }
}

/* ---- who keeps others waiting ---- */

static bool is_same_root(const struct waits_root *left, const struct waits_root *right)
{
    return left->state == right->state && left->has_root == right->has_root &&
           sql_hash_equal(left->root_hash, right->root_hash) && text_equal(left->user, right->user) &&
           text_equal(left->application, right->application) && (left->user.data == NULL) == (right->user.data == NULL);
}

static void fill_waiter(const struct page *page, struct page_data *list, const struct waits_root *root,
                        enum sql_dialect dialect)
{
    struct page_data *waiter = page_section(list, "WAITER");

    for (int64_t depth = 1; depth < root->depth_max && depth < INDENT_MAX; depth++)
        page_show(waiter, "DEEPER", true);
    waits_view_statement(page, waiter, root->has_statement, root->hash, root->fingerprint,
                         root->user.data == NULL ? "Several statements" : "Statement not known", dialect);
    page_set_duration(waiter, "WAITED", root->session_ms);
    page_set_int64(waiter, "AT_ONCE", root->waiters_max);
    if (root->depth_max > 1)
        page_set_int64(page_section(waiter, "IS_BEHIND"), "BEFORE", root->depth_max - 1);
}

static struct text name_or(struct text name, const char *several)
{
    return name.data == NULL ? text_of(several) : name.size == 0 ? TEXT("not known") : name;
}

/* What waited for the root of `roots[at]`, the nearest first and then what waited the longest. Returns the number. */
static size_t list_waiters(const struct waits_report *report, size_t at, const struct waits_root **out)
{
    size_t count = 0;

    for (size_t i = at; i < report->root_count && count < WAITS_ROOTS_MAX; i++) {
        size_t place = count;

        if (!is_same_root(&report->roots[at], &report->roots[i]))
            continue;
        for (; place > 0 && out[place - 1]->depth_max > report->roots[i].depth_max; place--)
            out[place] = out[place - 1];
        out[place] = &report->roots[i];
        count++;
    }
    return count;
}

static void fill_root(const struct page *page, struct page_data *list, const struct waits_report *report, size_t at,
                      enum sql_dialect dialect)
{
    const struct waits_root *first = &report->roots[at], *waiters[WAITS_ROOTS_MAX];
    enum block_state state = known_state(first->state);
    struct page_data *root = page_section(list, "ROOT");
    int64_t first_us = first->first_us, last_us = first->last_us, at_once = 0;
    size_t count = list_waiters(report, at, waiters);
    double session_ms = 0;

    for (size_t i = 0; i < count; i++) {
        fill_waiter(page, root, waiters[i], dialect);
        session_ms += waiters[i]->session_ms;
        first_us = waiters[i]->first_us < first_us ? waiters[i]->first_us : first_us;
        last_us = waiters[i]->last_us > last_us ? waiters[i]->last_us : last_us;
        at_once = waiters[i]->waiters_max > at_once ? waiters[i]->waiters_max : at_once;
    }
    page_set_string(root, "STATE", state_words[state].label);
    page_set_string(root, "STATE_CLASS", state_words[state].class);
    page_show(root, "IS_LAST", state_words[state].is_last && first->has_root);
    /* A section of its own, because those of the root would show in each waiter, too. */
    waits_view_statement(page, page_section(root, "HEAD"), first->has_root, first->root_hash, first->root_fingerprint,
                         first->user.data == NULL ? "Several sessions, added up" : "Statement not known", dialect);
    page_set(root, "USER", name_or(first->user, "several"));
    page_set(root, "APPLICATION", name_or(first->application, "several"));
    page_set_duration(root, "ALL_WAITED", session_ms);
    page_set_string(root, "ALL_AT_ONCE",
                    arena_printf(page->arena, "%s%lld", count > 1 ? "at least " : "", (long long)at_once));
    page_set_time(page, root, "FIRST", first_us);
    page_set_time(page, root, "LAST", last_us + report->resolution_s * CLOCK_SECOND_US);
}

void waits_view_roots(const struct page *page, struct page_data *data, const struct waits_report *report,
                      enum sql_dialect dialect)
{
    struct page_data *list = page_include(data, "CHAINS", "chains.tpl");

    for (size_t i = 0; i < report->root_count; i++) {
        bool is_first = true;

        for (size_t before = 0; before < i; before++)
            is_first &= !is_same_root(&report->roots[before], &report->roots[i]);
        if (is_first)
            fill_root(page, list, report, i, dialect);
    }
}

/* Showing measures; see measures_view.h. */
#include "fcgi/pages/measures_view.h"

#include <ctype.h>
#include <string.h>

#include "base/engine.h"
#include "fcgi/pages/format.h"

enum { NOTES_MAX = 2 };

/* A line of the table. What is known of `amounts` is added up. */
static const struct line {
    const char *label;
    enum measure amounts[2]; /* of one unit */
    bool is_of_time;         /* a part of the statement's own time */
    struct {
        enum measure measure;
        const char *words; /* behind its number */
    } notes[NOTES_MAX];
    /* What makes a server of this engine tell it. ENGINE_UNSET: each one tells it that has it. */
    enum engine_kind engine;
    const char *needs;
} lines[] = {
    {"planning",
     {MEASURE_PLAN_TIME},
     false,
     {{MEASURE_PLANS, "plans"}},
     ENGINE_POSTGRESQL,
     "with pg_stat_statements.track_planning = on"},
    {"reading blocks", {MEASURE_READ_TIME}, true, {{0}}, ENGINE_POSTGRESQL, "with track_io_timing = on"},
    {"writing blocks", {MEASURE_WRITE_TIME}, true, {{0}}, ENGINE_POSTGRESQL, "with track_io_timing = on"},
    {"temporary files, written", {MEASURE_TEMP_WRITTEN}, false, {{0}}, ENGINE_UNSET, NULL},
    {"temporary files, read", {MEASURE_TEMP_READ}, false, {{0}}, ENGINE_UNSET, NULL},
    {"temporary files, time",
     {MEASURE_TEMP_READ_TIME, MEASURE_TEMP_WRITE_TIME},
     true,
     {{0}},
     ENGINE_POSTGRESQL,
     "with track_io_timing = on, from PostgreSQL 15 on"},
    {"WAL",
     {MEASURE_WAL_BYTES},
     false,
     {{MEASURE_WAL_RECORDS, "records"}, {MEASURE_WAL_PAGES, "full pages"}},
     ENGINE_UNSET,
     NULL},
    {"JIT compilation",
     {MEASURE_JIT_TIME},
     true,
     {{MEASURE_JIT_FUNCTIONS, "functions"}},
     ENGINE_POSTGRESQL,
     "from PostgreSQL 15 on"},
    {"parallel workers",
     {MEASURE_WORKERS_LAUNCHED},
     false,
     {{MEASURE_WORKERS_PLANNED, "planned"}},
     ENGINE_POSTGRESQL,
     "from PostgreSQL 18 on"},
};
enum { LINES = sizeof lines / sizeof lines[0] };

/* MEASURE_UNKNOWN: nothing of it is known. */
static int64_t amount_of(const struct line *line, const struct measures *measures)
{
    int64_t sum = MEASURE_UNKNOWN;

    for (size_t i = 0; i < sizeof line->amounts / sizeof line->amounts[0]; i++)
        if (line->amounts[i] != MEASURE_UNSET && measures_know(measures, line->amounts[i]))
            sum = sum < 0 ? measures->amounts[line->amounts[i]]
                          : sums_add_count(sum, measures->amounts[line->amounts[i]]);
    return sum;
}

static char *format_amount(double amount, enum measure_unit unit, bool is_mean, char out[FORMAT_BYTES])
{
    switch (unit) {
    case MEASURE_BYTES:
        return format_bytes(amount, out);
    case MEASURE_MICROSECONDS:
        return format_duration(amount / 1000, out);
    default:
        return is_mean ? format_mean(amount, out) : format_count(amount, out);
    }
}

/* "400 records, 3 full pages" */
static struct text notes_of(const struct line *line, const struct measures *measures, struct arena *arena)
{
    const char *notes = "";
    char text[FORMAT_BYTES];

    for (int i = 0; i < NOTES_MAX; i++)
        if (line->notes[i].words != NULL && measures_know(measures, line->notes[i].measure))
            notes = arena_printf(arena, "%s%s%s\xc2\xa0%s", notes, notes[0] == '\0' ? "" : ", ",
                                 format_count((double)measures->amounts[line->notes[i].measure], text),
                                 line->notes[i].words);
    return text_of(notes);
}

static void fill_line(struct page *page, struct page_data *table, const struct line *line, int64_t amount,
                      const struct query_summary *summary)
{
    struct page_data *row = page_section(table, "ROW");
    enum measure_unit unit = measure_unit(line->amounts[0]);
    double calls = summary->sums.calls > 0 ? (double)summary->sums.calls : 1;
    double share = summary->sums.total_ms > 0 ? (double)amount / 1000 / summary->sums.total_ms : 0;
    struct text notes = notes_of(line, &summary->measures, page->arena);
    char text[FORMAT_BYTES];

    page_set_string(row, "NAME",
                    arena_printf(page->arena, "%c%s", toupper((unsigned char)line->label[0]), line->label + 1));
    if (notes.size > 0)
        page_set(page_section(row, "HAS_NOTES"), "NOTES", notes);
    page_set_string(row, "TOTAL", format_amount((double)amount, unit, false, text));
    page_set_string(row, "EACH", format_amount((double)amount / calls, unit, true, text));
    page_set_string(row, "SHARE", line->is_of_time ? format_share(share > 1 ? 1 : share, text) : "");
}

static bool has_engine(const struct page *page, const struct query_summary *summary, enum engine_kind kind)
{
    for (size_t i = 0; i < summary->connection_count; i++) {
        const struct connection *connection = page_connection(page, summary->connection_ids[i]);
        const struct engine *engine = connection == NULL ? NULL : engine_of(connection->engine);

        if (engine != NULL && engine->kind == kind)
            return true;
    }
    return false;
}

/* "temporary files, JIT compilation": those that are 0. */
static const char *list_nothing(const struct query_summary *summary, struct arena *arena)
{
    const char *list = "";

    for (int i = 0; i < LINES; i++)
        if (amount_of(&lines[i], &summary->measures) == 0)
            list = arena_printf(arena, "%s%s%s", list, list[0] == '\0' ? "" : "; ", lines[i].label);
    return list;
}

/* "planning (with …); reading blocks, writing blocks (with …)": those that are not known. */
static const char *list_unknown(const struct page *page, const struct query_summary *summary)
{
    const char *list = "", *needs = NULL;

    for (int i = 0; i < LINES; i++) {
        const struct line *line = &lines[i];

        if (line->needs == NULL || amount_of(line, &summary->measures) >= 0 || !has_engine(page, summary, line->engine))
            continue;
        if (needs == NULL)
            list = line->label;
        else if (strcmp(needs, line->needs) == 0)
            list = arena_printf(page->arena, "%s, %s", list, line->label);
        else
            list = arena_printf(page->arena, "%s (%s); %s", list, needs, line->label);
        needs = line->needs;
    }
    return needs == NULL ? "" : arena_printf(page->arena, "%s (%s)", list, needs);
}

static void fill_list(struct page_data *data, const char *section, const char *list)
{
    if (list[0] != '\0')
        page_set_string(page_section(data, section), "LIST", list);
}

void measures_view_show(struct page *page, const struct query_summary *summary)
{
    struct page_data *data, *table = NULL;

    if (!measures_know_any(&summary->measures))
        return;
    data = page_section(page->body, "MEASURES");
    for (int i = 0; i < LINES; i++) {
        int64_t amount = amount_of(&lines[i], &summary->measures);

        if (amount <= 0)
            continue;
        if (table == NULL)
            table = page_section(data, "TABLE");
        fill_line(page, table, &lines[i], amount, summary);
    }
    fill_list(data, "NOTHING", list_nothing(summary, page->arena));
    fill_list(data, "UNKNOWN", list_unknown(page, summary));
}

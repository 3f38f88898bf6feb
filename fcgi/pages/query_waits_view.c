/* Showing what one statement waited for; see query_waits_view.h. */
#include "fcgi/pages/query_waits_view.h"

#include "fcgi/pages/query_view.h"
#include "fcgi/pages/waits_view.h"
#include "store/read/filter.h"

enum { SIGHTINGS_FEW = 10, WAITS_SHOWN = 8 };

static const double lock_share_large = 0.1; /* such a part of its time is said above all */

struct reading {
    struct waits_report report; /* by class */
    struct waits_groups waits;
    struct waits_totals totals;
};

static enum status read_all(struct page *page, const struct query_summary *summary, struct reading *out,
                            struct error *error)
{
    struct store *store = page->request->store;
    /* What has waited for the whole period has run nowhere yet. */
    const struct scope *chosen = summary->connection_count == 0
                                     ? page->chosen
                                     : store_scope_narrow_to_several(page->chosen, summary->connection_ids,
                                                                     summary->connection_count, page->arena);
    struct waits_filter filter = {
        .period = page->period, .hash = summary->hash, .group_by = "wait_class", .group_max = WAITS_GROUPS_MAX};
    enum status status = store_waits_report(store, chosen, &filter, page->arena, &out->report, error);

    filter.group_by = "wait";
    filter.group_max = WAITS_SHOWN;
    if (status == STATUS_OK)
        status = store_waits_groups(store, chosen, &filter, &out->report, page->arena, &out->waits, error);
    if (status == STATUS_OK)
        out->totals = waits_totals(&out->report);
    return status;
}

/* The root for which the statement waited the longest; NULL: none. */
static const struct waits_root *main_root(const struct waits_report *report, struct sql_hash hash)
{
    for (size_t i = 0; i < report->root_count; i++)
        if (report->roots[i].has_statement && sql_hash_equal(report->roots[i].hash, hash))
            return &report->roots[i];
    return NULL;
}

/* For how long others waited for locks of the statement. */
static double kept_ms(const struct waits_report *report, struct sql_hash hash)
{
    double sum_ms = 0;

    for (size_t i = 0; i < report->root_count; i++)
        if (report->roots[i].has_root && sql_hash_equal(report->roots[i].root_hash, hash))
            sum_ms += report->roots[i].session_ms;
    return sum_ms;
}

static void fill_verdict(struct page *page, const struct reading *reading, const struct query_summary *summary)
{
    double share = waits_view_class_share(&reading->report.groups, WAIT_CLASS_LOCK);
    const struct waits_root *root = main_root(&reading->report, summary->hash);
    struct page_data *data, *behind;
    char text[FORMAT_BYTES];

    if (share < lock_share_large)
        return;
    data = page_section(page->body, "LOCK_VERDICT");
    page_set_string(data, "SHARE", format_share(share, text));
    if (root == NULL)
        return;
    behind = page_section(data, "BEHIND");
    page_set_string(behind, "STATE", waits_view_state(root->state));
    if (root->has_root && root->root_fingerprint.size > 0) {
        struct page_data *sql = page_section(behind, "HAS_ROOT_SQL");

        page_set(sql, "LINK", page_link_query(page, root->root_hash));
        query_view_sql(sql, query_view_dialect(page, summary), text_cut_utf8(root->root_fingerprint, 120), false,
                       page->arena);
    }
}

/* How often somebody saw it; few sightings give rough shares. */
static double sightings(const struct reading *reading)
{
    const struct waits_totals *totals = &reading->totals;

    return totals->watched_ms > 0 ? reading->report.groups.session_ms * (double)totals->look_count / totals->watched_ms
                                  : 0;
}

enum status query_waits_view_show(struct page *page, const struct query_summary *summary, struct error *error)
{
    struct reading reading;
    struct page_data *data, *seen;
    double kept;
    enum status status = read_all(page, summary, &reading, error);

    if (status != STATUS_OK)
        return status;
    data = page_section(page->body, "QUERY_WAITS");
    page_show(data, "NOT_WATCHED", reading.totals.watched_ms <= 0);
    if (reading.totals.watched_ms <= 0)
        return STATUS_OK;
    if (reading.report.groups.session_ms <= 0)
        page_set_count(page_section(data, "NOT_SEEN"), "LOOKS", (double)reading.totals.look_count);
    else {
        fill_verdict(page, &reading, summary);
        seen = page_section(data, "SEEN");
        page_set_string(seen, "SHARES", waits_view_shares(page, &reading.report.groups, "its", "it"));
        page_set_count(seen, "SIGHTINGS", sightings(&reading));
        page_show(seen, "IS_ROUGH", sightings(&reading) < SIGHTINGS_FEW);
        waits_view_groups(page, seen, &reading.waits, "wait", SQL_DIALECT_UNSET, reading.totals.watched_ms);
    }
    kept = kept_ms(&reading.report, summary->hash);
    if (kept > 0)
        page_set_duration(page_section(data, "KEEPS"), "KEPT", kept);
    if (reading.report.root_count > 0)
        waits_view_roots(page, page_section(data, "HAS_ROOTS"), &reading.report, query_view_dialect(page, summary));
    return STATUS_OK;
}

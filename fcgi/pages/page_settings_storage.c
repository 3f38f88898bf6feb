/* /settings/storage: how large the store is, what takes the space, how fast it grows, and how long each kind of data is
 * kept; for admins. Sizes are of all organizations together, so a store of several does not show them here. */
#include <math.h>

#include "base/clock.h"
#include "facts/retention.h"
#include "fcgi/handlers.h"
#include "fcgi/pages/settings.h"
#include "store/upkeep/size.h"

static const struct page_about about = {
    .title = "Storage", .template_file = "settings_storage.tpl", .section = PAGE_SECTION_SETTINGS};

static const struct {
    const char *table_group, *name, *what;
} groups[] = {
    {"samples", "Samples", "single executions, with their statements"},
    {"rollups", "Rollups", "sums of five minutes, hours and days, with histograms"},
    {"text", "Statements", "fingerprints, and where they were seen"},
    {"plans", "Plans", ""},
    {"legacy", "Predecessors", "tables of the systems before, as they were"},
    {"other", "Everything else", "accounts, counters, jobs, the audit log"},
};

/* The size in a year if growth goes on as in the last week. Samples grow at most to the size that their retention
 * allows. */
static double in_a_year(const struct store_size *size, const struct retention *retention, int64_t now_us)
{
    double bytes = (double)size->bytes + size->growth_bytes * 365;
    /* oldest_us is INT64_MIN if there is no data. */
    double age_days = ((double)now_us - (double)size->oldest_us) / (86400.0 * CLOCK_SECOND_US);

    if (!size->has_growth)
        return NAN;
    if (text_equal(size->table_group, TEXT("samples")) && retention->samples_days > 0 && size->oldest_us != INT64_MIN &&
        age_days >= 1)
        bytes = fmin(bytes, (double)size->bytes * fmax((double)retention->samples_days / age_days, 1));
    return fmax(bytes, 0);
}

static void set_bytes(struct page_data *data, const char *name, double bytes)
{
    char text[FORMAT_BYTES];

    page_set_string(data, name, format_bytes(bytes, text));
}

/* Set GROWTH: "+1.2 MB", "-3 kB", or "–" if there is nothing to compare with. */
static void set_growth(struct page *page, struct page_data *data, bool is_known, double bytes)
{
    char text[FORMAT_BYTES];

    page_set_string(data, "GROWTH",
                    !is_known ? "\xe2\x80\x93"
                              : arena_printf(page->arena, "%s%s", bytes < 0 ? "\xe2\x88\x92" : "+",
                                             format_bytes(fabs(bytes), text)));
}

static void fill_group(struct page *page, const struct store_size *size, const struct retention *retention,
                       double total)
{
    struct page_data *row = page_section(page->body, "GROUP");
    double share = total > 0 ? (double)size->bytes / total : 0;
    char text[FORMAT_BYTES];

    page_set(row, "NAME", size->table_group);
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
        if (text_equal(size->table_group, text_of(groups[i].table_group))) {
            page_set_string(row, "NAME", groups[i].name);
            page_set_string(row, "WHAT", groups[i].what);
        }
    page_set_string(row, "SHARE", format_share(share, text));
    page_set_string(row, "SHARE_WIDTH", arena_printf(page->arena, "%.1f", share * 100));
    set_bytes(row, "BYTES", (double)size->bytes);
    page_set_count(row, "ROWS", (double)size->row_count);
    if (size->oldest_us != INT64_MIN)
        page_set_time(page, page_section(row, "HAS_OLDEST"), "OLDEST", size->oldest_us);
    page_show(row, "NO_OLDEST", size->oldest_us == INT64_MIN);
    set_growth(page, row, size->has_growth, size->growth_bytes);
    set_bytes(row, "YEAR", in_a_year(size, retention, page->now_us));
}

static void fill_sizes(struct page *page, const struct store_size_list *list, const struct retention *retention)
{
    double total = 0, growth = 0, year = 0;
    bool has_growth = list->count > 0;

    for (size_t i = 0; i < list->count; i++)
        total += (double)list->items[i].bytes;
    for (size_t i = 0; i < list->count; i++) {
        fill_group(page, &list->items[i], retention, total);
        has_growth = has_growth && list->items[i].has_growth;
        growth += list->items[i].growth_bytes;
        year += in_a_year(&list->items[i], retention, page->now_us);
    }
    if (list->count == 0)
        return;
    page_show(page->body, "HAS_SIZES", true);
    set_bytes(page->body, "TOTAL", total);
    set_growth(page, page->body, has_growth, growth);
    set_bytes(page->body, "YEAR", has_growth ? year : NAN);
    page_set_ago(page, page->body, "MEASURED", list->items[0].measured_at_us);
}

static void fill_retention(struct page *page, const struct retention *retention)
{
    const struct {
        const char *what, *name;
        int64_t days;
    } rows[] = {
        {"Samples", "POTTO_RETENTION_SAMPLES_DAYS", retention->samples_days},
        {"Samples of the predecessors", "POTTO_RETENTION_LEGACY_DAYS", retention->legacy_days},
        {"Rollups of five minutes", "POTTO_RETENTION_5M_DAYS", retention->fine_days},
        {"Rollups of hours", "POTTO_RETENTION_1H_DAYS", retention->hour_days},
        {"Rollups of days", "POTTO_RETENTION_1D_DAYS", retention->day_days},
        {"Plans, after they were last seen", "POTTO_RETENTION_PLANS_DAYS", retention->plans_days},
        {"Ids of batches, by which a repeated one is known", "POTTO_RETENTION_BATCHES_DAYS", retention->batches_days},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct page_data *row = page_section(page->body, "KEPT");

        page_set_string(row, "WHAT", rows[i].what);
        page_set_string(row, "NAME", rows[i].name);
        page_set_string(row, "DAYS",
                        rows[i].days == 0 ? "for ever"
                                          : arena_printf(page->arena, "%lld days", (long long)rows[i].days));
    }
}

enum status page_settings_storage(const struct request *request, const struct scope *scope, struct response *response,
                                  struct error *error)
{
    struct retention retention = RETENTION_OF(*request->config);
    struct store_size_list list = {0};
    bool is_shared = false;
    struct store_limit limit = {.is_full = false};
    struct page page;
    enum status status = settings_open(request, scope, &about, &page, error);

    if (status == STATUS_OK)
        status = store_is_shared(request->store, request->arena, &is_shared, error);
    if (status == STATUS_OK && !is_shared)
        status = store_size_report(request->store, request->arena, &list, error);
    if (status == STATUS_OK)
        status = store_size_limit(request->store, request->arena, &limit, error);
    if (status != STATUS_OK)
        return status;
    page_show(page.body, "IS_SHARED", is_shared);
    page_show(page.body, "NO_SIZES", !is_shared && list.count == 0);
    fill_sizes(&page, &list, &retention);
    if (limit.bytes_max > 0)
        set_bytes(page_section(page.body, limit.is_full ? "IS_FULL" : "HAS_LIMIT"), "LIMIT", (double)limit.bytes_max);
    fill_retention(&page, &retention);
    return page_close(&page, response, error);
}

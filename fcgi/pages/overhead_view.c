/* See overhead_view.h. */
#include "fcgi/pages/overhead_view.h"

static const char *share_of(const struct page *page, const struct overhead_span *span, double cost_us)
{
    double percent = overhead_percent(span, cost_us);

    if (percent > 0 && percent < 0.001)
        return "less than 0.001 %";
    return arena_printf(page->arena, percent >= 10 ? "%.0f %%" : "%.2g %%", percent);
}

static const char *sentence(const struct page *page, const struct overhead_report *report)
{
    const struct overhead_cost *day = &report->day.cost;

    if (report->day.span_s <= 0)
        return "What Potto costs the server is not known yet.";
    return arena_printf(page->arena,
                        "Potto takes %s of one processor of the server in the last ten minutes, and %s in the last 24 "
                        "hours: cycles %s, "
                        "plans %s, looks at sessions %s.",
                        share_of(page, &report->recent, overhead_cost_sum_us(&report->recent.cost)),
                        share_of(page, &report->day, overhead_cost_sum_us(day)),
                        share_of(page, &report->day, day->cycles_us), share_of(page, &report->day, day->plans_us),
                        share_of(page, &report->day, day->sessions_us));
}

static const char *held_back(const struct page *page, int64_t number)
{
    const struct overhead_stage *stage = overhead_stage_of(number), *usual = overhead_stage_of(0);
    const char *looks =
        stage->look_pause_ms == usual->look_pause_ms
            ? ""
            : arena_printf(page->arena, " Looks at sessions are %d s apart.", (int)(stage->look_pause_ms / 1000));
    const char *cycles = stage->interval_factor == usual->interval_factor
                             ? ""
                             : arena_printf(page->arena, " The interval is %d times as long, up to an hour.",
                                            (int)stage->interval_factor);

    return arena_printf(page->arena, "No plans are made.%s%s", looks, cycles);
}

void overhead_view_fill(const struct page *page, const struct overhead_report *report,
                        const struct connection *connection)
{
    struct page_data *section = page_section(page->body, "OVERHEAD"), *held, *form;
    const char *budget = arena_printf(page->arena, "%.10g", connection->overhead_budget_percent);

    page_set_string(section, "SENTENCE", sentence(page, report));
    page_set_string(section, "BUDGET", budget);
    if (report->stage > 0) {
        held = page_section(section, "IS_HELD_BACK");
        page_set_time(page, held, "SINCE", report->held_back_since_us);
        page_set_string(held, "WHAT", held_back(page, report->stage));
    }
    if (scope_role(page->scope) < ROLE_MEMBER)
        return;
    form = page_section(section, "MAY_SET");
    page_set_int64(form, "ID", connection->id);
    page_set_string(form, "BUDGET", budget);
    page_set_string(form, "MINIMUM", arena_printf(page->arena, "%.10g", OVERHEAD_PERCENT_MIN));
    page_set_string(form, "MAXIMUM", arena_printf(page->arena, "%.10g", OVERHEAD_PERCENT_MAX));
}

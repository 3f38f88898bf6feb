/* See coverage_view.h. */
#include "fcgi/pages/coverage_view.h"

#include <math.h>

#include "fcgi/coverage_words.h"

#define GAP_SHARE_MIN 0.0005 /* less is not worth a line */

static const char *headline(const struct page *page, const struct coverage_fact *fact)
{
    static const char *const wholes[COVERAGE_BASIS_COUNT] = {
        [COVERAGE_BASIS_ACTIVE_TIME] = "of the time that its sessions were at work.",
        [COVERAGE_BASIS_STATEMENTS] =
            "of the time that the server counts for statements. It does not say how long all of them took.",
        [COVERAGE_BASIS_CALLS] = "of its statements. The server does not say how long the others took.",
    };
    double share = coverage_share(fact);
    char text[FORMAT_BYTES];

    if (share < 0)
        return coverage_none_words(fact);
    return arena_printf(page->arena, "Potto attributes %s %s", format_share(share, text), wholes[fact->basis]);
}

/* Where the server counts only some of the time for statements, that share of it says little of Potto. */
static const char *counted(const struct page *page, const struct coverage_fact *fact)
{
    double share = coverage_counted_share(fact);
    char text[FORMAT_BYTES], whole[FORMAT_BYTES];

    if (fact->basis != COVERAGE_BASIS_ACTIVE_TIME || share < 0 || fact->server_ms <= 0)
        return NULL;
    return arena_printf(
        page->arena, "The server itself counts %s of that time for statements. Of this Potto attributes %s.",
        format_share(fmin(coverage_counted_ms(fact) / fact->server_ms, 1), whole), format_share(share, text));
}

static void add_gap(struct page_data *section, double share, const char *words, const char *remedy)
{
    struct page_data *gap;
    char text[FORMAT_BYTES];

    if (share < GAP_SHARE_MIN)
        return;
    gap = page_section(section, "GAP");
    page_set_string(gap, "SHARE", format_share(share, text));
    page_set_string(gap, "WORDS", words);
    page_show_text(gap, "HAS_REMEDY", "REMEDY", text_of(remedy));
}

void coverage_view_fill(const struct page *page, const struct coverage_report *report,
                        const struct connection *connection)
{
    const struct coverage_fact *fact = &report->total.fact;
    struct page_data *section = page_section(page->body, "COVERAGE");
    double cost = store_coverage_cost_share(&report->total);
    char text[FORMAT_BYTES];

    page_set_string(section, "HEADLINE", headline(page, fact));
    page_set_string(section, "COUNTED", counted(page, fact));
    for (int gap = 0; gap < COVERAGE_GAP_COUNT && fact->server_ms > 0; gap++)
        add_gap(section, fmin(fact->gaps_ms[gap] / fact->server_ms, 1), coverage_gap_words((enum coverage_gap)gap),
                coverage_gap_remedy((enum coverage_gap)gap, connection->engine));
    if (fact->server_ms > 0)
        add_gap(section, coverage_unknown_ms(fact) / fact->server_ms, coverage_unknown_words(fact->basis), "");
    if (cost >= 0)
        page_set_string(page_section(section, "HAS_COST"), "COST", format_share(cost, text));
}

/* Log files and deadlocks on pages; see logs_view.h. */
#include "fcgi/pages/logs_view.h"

#include "fcgi/pages/waits_view.h"

/* ---- files ---- */

static void fill_problem(const struct page *page, const struct log_file_row *file)
{
    struct page_data *section;

    if (file->is_followed && file->problem.size == 0)
        return;
    section = page_section(page->body, "LOG_PROBLEM");
    page_set_string(section, "PROBLEM_CLASS",
                    !file->is_followed                        ? "warn"
                    : text_equal(file->state, TEXT("failed")) ? "bad"
                    : text_equal(file->state, TEXT("ok"))     ? ""
                                                              : "warn");
    page_set(section, "NAME", file->name);
    page_set(section, "PROBLEM", file->is_followed ? file->problem : TEXT("No collector follows it any more."));
    if (file->is_followed)
        page_show_text(section, "HAS_REMEDY", "REMEDY", file->remedy);
}

static void fill_file(const struct page *page, struct page_data *row, const struct log_file_row *file)
{
    char text[FORMAT_BYTES];

    page_set(row, "NAME", file->name);
    page_set(row, "FORMAT", file->format.size > 0 ? file->format : TEXT("not read yet"));
    page_set_string(row, "READ", format_bytes((double)file->bytes, text));
    page_set_count(row, "ENTRIES", (double)file->entries);
    page_set_count(row, "SAMPLES", (double)file->samples);
    page_set_count(row, "EXECUTIONS", (double)file->executions);
    page_set_count(row, "PLANS", (double)file->plans);
    if (file->unread_bytes > 0) {
        struct page_data *behind = page_section(row, "IS_BEHIND");

        page_set_string(behind, "UNREAD", format_bytes((double)file->unread_bytes, text));
        page_set_string(behind, "LAG", format_span((int64_t)file->lag_s, text));
    }
    page_show(row, "IS_READ", file->unread_bytes == 0);
    page_set_ago(page, row, "LAST_EVENT", file->last_event_us);
}

void logs_view_files(const struct page *page, const struct log_file_row *files, size_t count)
{
    struct page_data *section;

    if (count == 0)
        return;
    section = page_section(page->body, "LOGS");
    for (size_t i = 0; i < count; i++) {
        fill_problem(page, &files[i]);
        fill_file(page, page_section(section, "ROW"), &files[i]);
    }
}

/* ---- deadlocks ---- */

static void fill_member(const struct page *page, struct page_data *data, const struct deadlock_member *member,
                        int64_t victim, enum sql_dialect dialect)
{
    waits_view_statement(page, data, member->has_statement, member->hash, member->fingerprint, "Statement not known",
                         dialect);
    page_set_int64(data, "PROCESS", member->process);
    page_show(data, "IS_VICTIM", member->process == victim);
    page_show_text(data, "HAS_WAIT", "WAIT", member->wait);
    if (member->blocked_by > 0)
        page_set_int64(page_section(data, "HAS_BLOCKER"), "BLOCKER", member->blocked_by);
}

void logs_view_deadlocks(const struct page *page, const struct deadlock_list *list, enum sql_dialect dialect)
{
    struct page_data *section;

    if (list->count == 0)
        return;
    section = page_section(page->body, "DEADLOCKS");
    page_set_count(section, "TOTAL", (double)list->total);
    page_show(section, "HAS_MORE", list->total > (int64_t)list->count);
    for (size_t i = 0; i < list->count; i++) {
        const struct deadlock_row *deadlock = &list->items[i];
        struct page_data *data = page_section(section, "DEADLOCK");

        page_set_time(page, data, "NOTICED", deadlock->noticed_at_us);
        page_show_text(data, "HAS_USER", "USER", deadlock->user);
        page_show_text(data, "HAS_DATABASE", "DATABASE", deadlock->database);
        page_show_text(data, "HAS_APPLICATION", "APPLICATION", deadlock->application);
        for (size_t j = 0; j < deadlock->member_count; j++)
            fill_member(page, page_section(data, "MEMBER"), &deadlock->members[j], deadlock->victim, dialect);
    }
}

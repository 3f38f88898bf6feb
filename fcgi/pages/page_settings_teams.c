/* /settings/teams and /settings/teams/{id}: teams and their members, for admins. */
#include <string.h>

#include "fcgi/handlers.h"
#include "fcgi/pages/settings.h"
#include "store/admin/team.h"
#include "store/admin/user.h"

enum { NAME_BYTES_MAX = 200 };

static const char PATH[] = "/settings/teams";
static const struct page_about about_list = {
    .title = "Teams", .template_file = "settings_teams.tpl", .section = PAGE_SECTION_SETTINGS};
static const struct page_about about_one = {
    .title = "Team", .template_file = "settings_team.tpl", .section = PAGE_SECTION_SETTINGS};

static enum status show_list(const struct request *request, const struct scope *scope, const struct error *problem,
                             struct response *response, struct error *error)
{
    struct text after = request_query(request, "after");
    struct team_page teams = {0};
    struct page page;
    enum status status = settings_open(request, scope, &about_list, &page, error);

    if (status == STATUS_OK)
        status = store_team_page(request->store, scope, after, after.size > 0 ? INT64_MAX : 0, SETTINGS_ROWS_MAX,
                                 request->arena, &teams, error);
    if (status != STATUS_OK)
        return status;
    page.path = PATH;
    settings_show_problem(&page, problem, response);
    for (size_t i = 0; i < teams.count; i++) {
        struct page_data *row = page_section(page.body, "ROW");

        page_set(row, "NAME", teams.items[i].name);
        page_set_string(row, "LINK", arena_printf(request->arena, "%s/%lld", PATH, (long long)teams.items[i].id));
        page_set_int64(row, "MEMBERS", teams.items[i].member_count);
        page_set_int64(row, "CONNECTIONS", teams.items[i].connection_count);
        page_set_time(&page, row, "CREATED", teams.items[i].created_at_us);
    }
    page_show(page.body, "HAS_ROWS", teams.count > 0);
    page_show(page.body, "NO_ROWS", teams.count == 0);
    if (teams.has_more)
        page_show_text(page.body, "HAS_MORE", "MORE_LINK",
                       page_link_change(&page, "after", teams.items[teams.count - 1].name));
    return page_close(&page, response, error);
}

enum status page_settings_teams(const struct request *request, const struct scope *scope, struct response *response,
                                struct error *error)
{
    const struct error fine = {0};

    return show_list(request, scope, &fine, response, error);
}

static bool is_name(struct text name, struct error *problem)
{
    if (name.size > 0 && name.size <= NAME_BYTES_MAX)
        return true;
    error_field(problem, "Name", "must have 1 to %d bytes", NAME_BYTES_MAX);
    return false;
}

enum status page_settings_team_create(const struct request *request, const struct scope *scope,
                                      struct response *response, struct error *error)
{
    struct settings_form form;
    struct team_summary team = {0};
    struct error problem = {0};
    struct text name;
    enum status status = settings_form_read(request, &form, error);

    if (status != STATUS_OK)
        return status;
    name = settings_value(&form, "name");
    status = is_name(name, &problem) ? store_team_create(request->store, scope, name, request->remote_address,
                                                         request->arena, &team, &problem)
                                     : problem.status;
    if (status == STATUS_OK)
        return settings_done(request, response, arena_printf(request->arena, "%s/%lld", PATH, (long long)team.id),
                             "added");
    if (settings_is_problem(status))
        return show_list(request, scope, &problem, response, error);
    *error = problem;
    return status;
}

/* The team of that id, from the list: it has no more to say. */
static enum status find_team(const struct request *request, const struct scope *scope, int64_t team_id,
                             struct team_member_list *out_members, struct error *error)
{
    return store_team_member_list(request->store, scope, team_id, (struct text){NULL, 0}, 0, PAGE_CONNECTIONS_MAX,
                                  request->arena, out_members, error);
}

static bool is_member(const struct team_member_list *members, int64_t user_id)
{
    for (size_t i = 0; i < members->count; i++)
        if (members->items[i].user_id == user_id)
            return true;
    return false;
}

static enum status team_name(const struct request *request, const struct scope *scope, int64_t team_id,
                             struct text *out_name, struct error *error)
{
    struct team_page teams = {0};
    struct text after = {NULL, 0};
    int64_t after_id = 0;
    enum status status;

    do {
        status = store_team_page(request->store, scope, after, after_id, PAGE_CONNECTIONS_MAX, request->arena, &teams,
                                 error);
        for (size_t i = 0; status == STATUS_OK && i < teams.count; i++)
            if (teams.items[i].id == team_id) {
                *out_name = teams.items[i].name;
                return STATUS_OK;
            }
        if (status == STATUS_OK && teams.has_more) {
            after = teams.items[teams.count - 1].name;
            after_id = teams.items[teams.count - 1].id;
        }
    } while (status == STATUS_OK && teams.has_more);
    return status == STATUS_OK ? error_set(error, STATUS_ABSENT, "No such team.") : status;
}

static enum status show_one(const struct request *request, const struct scope *scope, int64_t team_id,
                            const struct error *problem, struct response *response, struct error *error)
{
    struct team_member_list members = {0};
    struct user_list users = {0};
    struct page_about about = about_one;
    struct text name = {NULL, 0};
    struct page page;
    enum status status = settings_open(request, scope, &about, &page, error);

    if (status == STATUS_OK)
        status = find_team(request, scope, team_id, &members, error);
    if (status == STATUS_OK)
        status = team_name(request, scope, team_id, &name, error);
    if (status == STATUS_OK)
        status = store_user_list(request->store, scope, (struct text){NULL, 0}, 0, PAGE_CONNECTIONS_MAX, request->arena,
                                 &users, error);
    if (status != STATUS_OK)
        return status;
    about.title = arena_string(request->arena, name.data, name.size);
    page.path = arena_printf(request->arena, "%s/%lld", PATH, (long long)team_id);
    settings_show_problem(&page, problem, response);
    page_set_string(page.body, "PATH", page.path);
    page_set(page.body, "NAME", name);
    for (size_t i = 0; i < members.count; i++) {
        struct page_data *row = page_section(page.body, "ROW");

        page_set_int64(row, "USER_ID", members.items[i].user_id);
        page_set(row, "EMAIL", members.items[i].email);
        page_set(row, "DISPLAY_NAME", members.items[i].display_name);
        page_set(row, "ROLE", members.items[i].role);
        page_set_time(&page, row, "SINCE", members.items[i].since_us);
        page_show(row, "IS_INACTIVE", !members.items[i].is_active);
    }
    page_show(page.body, "HAS_ROWS", members.count > 0);
    page_show(page.body, "NO_ROWS", members.count == 0);
    for (size_t i = 0; i < users.count; i++) {
        struct page_data *option;

        if (is_member(&members, users.items[i].id))
            continue;
        option = page_section(page.body, "USER");
        page_set_int64(option, "ID", users.items[i].id);
        page_set(option, "EMAIL", users.items[i].email);
    }
    return page_close(&page, response, error);
}

enum status page_settings_team(const struct request *request, const struct scope *scope, struct response *response,
                               struct error *error)
{
    const struct error fine = {0};
    int64_t team_id = 0;
    enum status status = request_path_id(request, "id", &team_id, error);

    return status == STATUS_OK ? show_one(request, scope, team_id, &fine, response, error) : status;
}

enum status page_settings_team_change(const struct request *request, const struct scope *scope,
                                      struct response *response, struct error *error)
{
    struct settings_form form;
    struct error problem = {0};
    struct text action, name;
    int64_t team_id = 0, user_id;
    const char *path, *done = "saved";
    bool is_fresh;
    enum status status = request_path_id(request, "id", &team_id, error);

    if (status == STATUS_OK)
        status = settings_form_read(request, &form, error);
    if (status != STATUS_OK)
        return status;
    path = arena_printf(request->arena, "%s/%lld", PATH, (long long)team_id);
    action = settings_value(&form, "action");
    user_id = settings_number(&form, "user_id");
    name = settings_value(&form, "name");
    if (text_equal(action, TEXT("rename"))) {
        status = is_name(name, &problem) ? store_team_rename(request->store, scope, team_id, name,
                                                             request->remote_address, request->arena, &problem)
                                         : problem.status;
    } else if (text_equal(action, TEXT("add"))) {
        done = "added";
        status = store_team_member_add(request->store, scope, team_id, user_id, request->remote_address, request->arena,
                                       &is_fresh, &problem);
    } else if (text_equal(action, TEXT("remove"))) {
        done = "removed";
        status = store_team_member_remove(request->store, scope, team_id, user_id, request->remote_address,
                                          request->arena, &problem);
    } else if (text_equal(action, TEXT("delete"))) {
        done = "removed";
        path = PATH;
        status = store_team_delete(request->store, scope, team_id, request->remote_address, request->arena, &problem);
    } else {
        return error_set(error, STATUS_INVALID, "The form names nothing to do.");
    }
    if (status == STATUS_OK)
        return settings_done(request, response, path, done);
    if (settings_is_problem(status))
        return show_one(request, scope, team_id, &problem, response, error);
    *error = problem;
    return status;
}

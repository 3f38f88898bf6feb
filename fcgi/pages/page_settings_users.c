/* /settings/users: the users of the organization, for its admins. */
#include "crypto/password.h"
#include "fcgi/handlers.h"
#include "fcgi/pages/settings.h"
#include "fcgi/request/account_fields.h"
#include "store/admin/team.h"
#include "store/admin/user.h"
#include "store/scope/role.h"

enum { EMAIL_BYTES_MAX = 254, NAME_BYTES_MAX = 200 };

static const char PATH[] = "/settings/users";
static const struct page_about about = {
    .title = "Users", .template_file = "settings_users.tpl", .section = PAGE_SECTION_SETTINGS};

/* A generated password, which is shown only once. */
struct secret {
    struct text email, password; /* data NULL: none */
};

static void fill_row(const struct page *page, struct page_data *row, const struct user *user)
{
    page_set_int64(row, "ID", user->id);
    page_set(row, "EMAIL", user->email);
    page_set(row, "NAME", user->display_name);
    page_show(row, "IS_ACTIVE", user->is_active);
    page_show(row, "IS_INACTIVE", !user->is_active);
    page_show(row, "IS_SELF", user->id == scope_user_id(page->scope));
    page_show(row, "HAS_SIGNED_IN", user->last_login_at_us != INT64_MIN);
    if (user->last_login_at_us != INT64_MIN)
        page_set_ago(page, row, "LAST_LOGIN", user->last_login_at_us);
    for (const char *const *role = role_choices; *role != NULL; role++) {
        struct page_data *option = page_section(row, "ROLE");

        page_set_string(option, "VALUE", *role);
        page_show(option, "IS_CURRENT", text_equal(user->role, text_of(*role)));
    }
    for (size_t i = 0; i < user->team_count; i++) {
        struct page_data *team = page_section(row, "TEAM");

        page_set_int64(team, "TEAM_ID", user->team_ids[i]);
        page_set(team, "TEAM_NAME", user->team_names[i]);
    }
}

static enum status show(const struct request *request, const struct scope *scope, const struct error *problem,
                        const struct secret *secret, struct response *response, struct error *error)
{
    struct text after = request_query(request, "after");
    struct user_list list = {0};
    struct team_page teams = {0};
    struct page page;
    enum status status = settings_open(request, scope, &about, &page, error);

    if (status == STATUS_OK)
        status = store_user_list(request->store, scope, after, after.size > 0 ? INT64_MAX : 0, SETTINGS_ROWS_MAX,
                                 request->arena, &list, error);
    if (status == STATUS_OK)
        status = store_team_page(request->store, scope, (struct text){NULL, 0}, 0, PAGE_CONNECTIONS_MAX, request->arena,
                                 &teams, error);
    if (status != STATUS_OK)
        return status;
    page.path = PATH;
    settings_show_problem(&page, problem, response);
    if (secret->password.data != NULL) {
        struct page_data *section = page_section(page.body, "NEW_PASSWORD");

        page_set(section, "EMAIL", secret->email);
        page_set(section, "PASSWORD", secret->password);
    }
    for (size_t i = 0; i < list.count; i++)
        fill_row(&page, page_section(page.body, "ROW"), &list.items[i]);
    for (size_t i = 0; i < teams.count; i++) {
        struct page_data *option = page_section(page.body, "TEAM_OPTION");

        page_set_int64(option, "ID", teams.items[i].id);
        page_set(option, "NAME", teams.items[i].name);
    }
    if (list.has_more)
        page_show_text(page.body, "HAS_MORE", "MORE_LINK",
                       page_link_change(&page, "after", list.items[list.count - 1].email));
    return page_close(&page, response, error);
}

enum status page_settings_users(const struct request *request, const struct scope *scope, struct response *response,
                                struct error *error)
{
    const struct secret none = {.password = {NULL, 0}};
    const struct error fine = {0};

    return show(request, scope, &fine, &none, response, error);
}

enum status page_settings_user_create(const struct request *request, const struct scope *scope,
                                      struct response *response, struct error *error)
{
    struct secret secret = {.password = {NULL, 0}};
    struct settings_form form;
    struct user_new fresh;
    struct error problem = {0};
    int64_t user_id;
    enum status status = settings_form_read(request, &form, error);

    if (status != STATUS_OK)
        return status;
    fresh = (struct user_new){.email = settings_value(&form, "email"),
                              .display_name = settings_value(&form, "display_name"),
                              .role = settings_value(&form, "role"),
                              .team_id = settings_number(&form, "team_id")};
    if (!email_is_plausible(fresh.email) || fresh.email.size > EMAIL_BYTES_MAX)
        status = error_field(&problem, "Address", "must be an address");
    if (fresh.display_name.size > NAME_BYTES_MAX)
        status = error_field(&problem, "Name", "must have at most %d bytes", NAME_BYTES_MAX);
    if (role_parse(fresh.role) == ROLE_UNSET)
        status = error_field(&problem, "Role", "is not one of the choices");
    secret.email = fresh.email;
    if (status == STATUS_OK)
        status = password_generate(request->arena, &secret.password, &problem);
    if (status == STATUS_OK)
        status = password_hash(secret.password, request->arena, &fresh.password_hash, &problem);
    if (status == STATUS_OK)
        status = store_user_create(request->store, scope, &fresh, request->remote_address, request->arena, &user_id,
                                   &problem);
    if (status != STATUS_OK)
        secret.password = (struct text){NULL, 0};
    if (status != STATUS_OK && !settings_is_problem(status)) {
        *error = problem;
        return status;
    }
    return show(request, scope, &problem, &secret, response, error);
}

/* The names of the buttons of a row, and the message that each one leaves (the table in settings.c). */
enum change { CHANGE_UNSET, CHANGE_ROLE, CHANGE_ACTIVATE, CHANGE_DEACTIVATE, CHANGE_PASSWORD, CHANGE_DELETE };
static const struct {
    const char *action, *done;
} changes[] = {
    [CHANGE_UNSET] = {"", NULL},
    [CHANGE_ROLE] = {"role", "saved"},
    [CHANGE_ACTIVATE] = {"activate", "activated"},
    [CHANGE_DEACTIVATE] = {"deactivate", "deactivated"},
    [CHANGE_PASSWORD] = {"password", NULL},
    [CHANGE_DELETE] = {"delete", "removed"},
};

static enum status apply(const struct request *request, const struct scope *scope, int64_t user_id, enum change change,
                         struct text role, struct secret *out_secret, struct error *problem)
{
    struct user_change wanted = {.has_is_active = change == CHANGE_ACTIVATE || change == CHANGE_DEACTIVATE,
                                 .is_active = change == CHANGE_ACTIVATE};
    struct user user;
    enum status status = STATUS_OK;

    if (change == CHANGE_DELETE)
        return store_user_delete(request->store, scope, user_id, request->remote_address, request->arena, problem);
    if (change == CHANGE_ROLE && role_parse(role) == ROLE_UNSET)
        return error_field(problem, "Role", "is not one of the choices");
    if (change == CHANGE_ROLE)
        wanted.role = role;
    if (change == CHANGE_PASSWORD) {
        status = store_user_get(request->store, scope, user_id, request->arena, &user, problem);
        if (status == STATUS_OK)
            status = password_generate(request->arena, &out_secret->password, problem);
        if (status == STATUS_OK)
            status = password_hash(out_secret->password, request->arena, &wanted.password_hash, problem);
        if (status == STATUS_OK)
            out_secret->email = user.email;
    }
    if (status == STATUS_OK)
        status = store_user_update(request->store, scope, user_id, &wanted, request->remote_address, request->arena,
                                   problem);
    return status;
}

enum status page_settings_user_change(const struct request *request, const struct scope *scope,
                                      struct response *response, struct error *error)
{
    struct secret secret = {.password = {NULL, 0}};
    enum change change = CHANGE_UNSET;
    struct settings_form form;
    struct error problem = {0};
    int64_t user_id = 0;
    enum status status = request_path_id(request, "id", &user_id, error);

    if (status == STATUS_OK)
        status = settings_form_read(request, &form, error);
    if (status != STATUS_OK)
        return status;
    for (size_t i = CHANGE_ROLE; i < sizeof changes / sizeof changes[0]; i++)
        if (text_equal(settings_value(&form, "action"), text_of(changes[i].action)))
            change = (enum change)i;
    if (change == CHANGE_UNSET)
        return error_set(error, STATUS_INVALID, "The form names nothing to do.");
    status = apply(request, scope, user_id, change, settings_value(&form, "role"), &secret, &problem);
    if (status == STATUS_OK && changes[change].done != NULL)
        return settings_done(request, response, PATH, changes[change].done);
    if (status != STATUS_OK)
        secret.password = (struct text){NULL, 0};
    if (status != STATUS_OK && !settings_is_problem(status)) {
        *error = problem;
        return status;
    }
    return show(request, scope, &problem, &secret, response, error);
}

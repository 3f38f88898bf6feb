/* potto user: manages the people who may sign in. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "crypto/password.h"
#include "store/admin/account_admin.h"
#include "store/scope/role.h"

enum { EMAIL_BYTES_MAX = 254 };

static const char usage[] =
    "user create --email ADDRESS --role viewer|member|admin --password-file FILE [--name NAME] [--team TEAM]\n"
    "       [--organization NAME]\n"
    "   or: potto user deactivate|activate --email ADDRESS\n"
    "   or: potto user password --email ADDRESS --password-file FILE";

struct user_options {
    const char *email, *role, *name, *team, *organization, *password_file;
};

static enum status user_create(struct cli *cli, const struct user_options *options, struct json_writer *json);
static enum status user_deactivate(struct cli *cli, const struct user_options *options, struct json_writer *json);
static enum status user_activate(struct cli *cli, const struct user_options *options, struct json_writer *json);
static enum status user_password(struct cli *cli, const struct user_options *options, struct json_writer *json);

static const struct action {
    const char *name;
    enum status (*run)(struct cli *cli, const struct user_options *options, struct json_writer *json);
    bool needs_role, needs_password;
} actions[] = {{"create", user_create, true, true},
               {"deactivate", user_deactivate, false, false},
               {"activate", user_activate, false, false},
               {"password", user_password, false, true}};

static bool read_options(int argc, char **argv, struct user_options *out_options)
{
    static const struct option known[] = {{"email", required_argument, NULL, 'e'},
                                          {"role", required_argument, NULL, 'r'},
                                          {"name", required_argument, NULL, 'n'},
                                          {"team", required_argument, NULL, 't'},
                                          {"organization", required_argument, NULL, 'o'},
                                          {"password-file", required_argument, NULL, 'p'},
                                          {NULL, 0, NULL, 0}};
    int option;

    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1)
        switch (option) {
        case 'e':
            out_options->email = optarg;
            break;
        case 'r':
            out_options->role = optarg;
            break;
        case 'n':
            out_options->name = optarg;
            break;
        case 't':
            out_options->team = optarg;
            break;
        case 'o':
            out_options->organization = optarg;
            break;
        case 'p':
            out_options->password_file = optarg;
            break;
        default:
            return false;
        }
    return optind == argc;
}

int command_user(int argc, char **argv)
{
    const struct action *action = CLI_ROW(actions, argv[1]);
    struct user_options options = {0};
    struct cli cli;
    enum status status;

    if (action == NULL || !read_options(argc - 1, argv + 1, &options) || options.email == NULL ||
        (action->needs_role && options.role == NULL) || (action->needs_password && options.password_file == NULL))
        return cli_usage(usage);
    status = cli_open(&cli);
    json_object_begin(&cli.json);
    if (status == STATUS_OK)
        status = action->run(&cli, &options, &cli.json);
    json_object_end(&cli.json);
    return cli_end(&cli, status, "user");
}

static enum status read_password_hash(struct cli *cli, const char *path, struct text *out_hash)
{
    struct text password;
    enum status status = cli_secret_read(cli, path, &password);

    return status == STATUS_OK ? password_hash(password, cli->arena, out_hash, &cli->error) : status;
}

static enum status user_create(struct cli *cli, const struct user_options *options, struct json_writer *json)
{
    struct admin_user_new fresh = {.role = text_of(options->role)};
    struct text team;
    int64_t user_id;
    enum status status = cli_text(cli, "--email", options->email, EMAIL_BYTES_MAX, &fresh.email);

    if (status == STATUS_OK && memchr(fresh.email.data, '@', fresh.email.size) == NULL)
        status = error_field(&cli->error, "--email", "must be an address");
    if (status == STATUS_OK && role_parse(fresh.role) == ROLE_UNSET)
        status = error_field(&cli->error, "--role", "must be viewer, member or admin");
    if (status == STATUS_OK && options->name != NULL)
        status = cli_text(cli, "--name", options->name, NAME_BYTES_MAX, &fresh.display_name);
    if (status == STATUS_OK)
        status = read_password_hash(cli, options->password_file, &fresh.password_hash);
    if (status == STATUS_OK)
        status = cli_organization(cli, options->organization, &fresh.organization_id);
    if (status == STATUS_OK && options->team != NULL) {
        status = cli_text(cli, "--team", options->team, NAME_BYTES_MAX, &team);
        if (status == STATUS_OK)
            status = store_admin_team_ensure(cli->store, fresh.organization_id, team, cli->arena, &fresh.team_id,
                                             &cli->error);
    }
    if (status == STATUS_OK)
        status = store_admin_user_create(cli->store, &fresh, cli->arena, &user_id, &cli->error);
    if (status != STATUS_OK)
        return status;
    json_member_int64(json, "id", user_id);
    json_member_int64(json, "organization_id", fresh.organization_id);
    json_member_text(json, "email", fresh.email);
    json_member_text(json, "role", fresh.role);
    return STATUS_OK;
}

static void print_user(const struct admin_user *user, bool is_active, struct json_writer *json)
{
    json_member_int64(json, "id", user->id);
    json_member_text(json, "email", user->email);
    json_member_bool(json, "is_active", is_active);
}

static enum status user_set_active(struct cli *cli, const struct user_options *options, bool is_active,
                                   struct json_writer *json)
{
    struct admin_user user;
    enum status status = store_admin_user_find(cli->store, text_of(options->email), cli->arena, &user, &cli->error);

    if (status == STATUS_OK)
        status = store_admin_user_set_active(cli->store, &user, is_active, cli->arena, &cli->error);
    if (status == STATUS_OK)
        print_user(&user, is_active, json);
    return status;
}

static enum status user_deactivate(struct cli *cli, const struct user_options *options, struct json_writer *json)
{
    return user_set_active(cli, options, false, json);
}

static enum status user_activate(struct cli *cli, const struct user_options *options, struct json_writer *json)
{
    return user_set_active(cli, options, true, json);
}

static enum status user_password(struct cli *cli, const struct user_options *options, struct json_writer *json)
{
    struct admin_user user;
    struct text hash;
    enum status status = store_admin_user_find(cli->store, text_of(options->email), cli->arena, &user, &cli->error);

    if (status == STATUS_OK)
        status = read_password_hash(cli, options->password_file, &hash);
    if (status == STATUS_OK)
        status = store_admin_user_set_password(cli->store, &user, hash, cli->arena, &cli->error);
    if (status == STATUS_OK)
        print_user(&user, user.is_active, json);
    return status;
}

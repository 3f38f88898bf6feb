/* potto bootstrap: makes the first organization, team and admin, if there is no user yet. Prints JSON; if the command
 * made a password, it is shown there and nowhere else. If there are users, `signs_in` says whether the password of the
 * file opens the account. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "crypto/digest.h"
#include "crypto/encode.h"
#include "crypto/password.h"
#include "store/admin/account_admin.h"
#include "store/scope/account.h"

enum { EMAIL_BYTES_MAX = 254, GENERATED_BYTES = 18 };

static const char usage[] = "bootstrap [--email ADDRESS] [--password-file FILE]";

static enum status say_users(struct cli *cli, struct text email, const char *password_file, struct json_writer *json);
static enum status bootstrap(struct cli *cli, const char *email, const char *password_file, struct json_writer *json);
static enum status password_make(struct cli *cli, struct text *out_password);

int command_bootstrap(int argc, char **argv)
{
    static const struct option options[] = {
        {"email", required_argument, NULL, 'e'}, {"password-file", required_argument, NULL, 'p'}, {NULL, 0, NULL, 0}};
    const char *email = "admin@localhost", *password_file = NULL;
    struct cli cli;
    enum status status;
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'e')
            email = optarg;
        else if (option == 'p')
            password_file = optarg;
        else
            return cli_usage(usage);
    }
    if (optind < argc)
        return cli_usage(usage);
    status = cli_open(&cli);
    if (status == STATUS_OK)
        status = bootstrap(&cli, email, password_file, &cli.json);
    return cli_end(&cli, status, "bootstrap");
}

static enum status bootstrap(struct cli *cli, const char *email, const char *password_file, struct json_writer *json)
{
    struct admin_user_new fresh = {.display_name = TEXT("Administrator"), .role = TEXT("admin")};
    struct text password = {NULL, 0};
    int64_t user_count, user_id = 0;
    enum status status = cli_text(cli, "--email", email, EMAIL_BYTES_MAX, &fresh.email);

    if (status == STATUS_OK && memchr(fresh.email.data, '@', fresh.email.size) == NULL)
        status = error_field(&cli->error, "--email", "must be an address");
    if (status == STATUS_OK)
        status = store_admin_user_count(cli->store, cli->arena, &user_count, &cli->error);
    if (status != STATUS_OK)
        return status;
    json_object_begin(json);
    if (user_count > 0)
        return say_users(cli, fresh.email, password_file, json);
    status = password_file == NULL ? password_make(cli, &password) : cli_secret_read(cli, password_file, &password);
    if (status == STATUS_OK)
        status = password_hash(password, cli->arena, &fresh.password_hash, &cli->error);
    /* A migrated legacy database has an organization already, which owns its samples. */
    if (status == STATUS_OK)
        status = store_admin_organization_first(cli->store, cli->arena, &fresh.organization_id, &cli->error);
    if (status == STATUS_ABSENT)
        status = store_admin_organization_ensure(cli->store, TEXT("default"), cli->arena, &fresh.organization_id,
                                                 &cli->error);
    if (status == STATUS_OK)
        status = store_admin_team_ensure(cli->store, fresh.organization_id, TEXT("default"), cli->arena, &fresh.team_id,
                                         &cli->error);
    if (status == STATUS_OK)
        status = store_admin_user_create(cli->store, &fresh, cli->arena, &user_id, &cli->error);
    if (status != STATUS_OK)
        return status;
    json_member_bool(json, "created", true);
    json_member_int64(json, "organization_id", fresh.organization_id);
    json_member_int64(json, "team_id", fresh.team_id);
    json_member_int64(json, "user_id", user_id);
    json_member_text(json, "email", fresh.email);
    if (password_file == NULL)
        json_member_text(json, "password", password);
    json_object_end(json);
    return STATUS_OK;
}

/* Nothing is to be made. With a password, say whether it still opens the account. */
static enum status say_users(struct cli *cli, struct text email, const char *password_file, struct json_writer *json)
{
    struct account account;
    struct text password;
    bool is_found = false, is_right = false;
    enum status status = STATUS_OK;

    if (password_file != NULL) {
        status = cli_secret_read(cli, password_file, &password);
        if (status == STATUS_OK)
            status = store_account_find(cli->store, email, cli->arena, &account, &is_found, &cli->error);
        /* A hash of a kind that is not supported opens nothing. */
        if (status == STATUS_OK && is_found)
            (void)password_verify(account.password_hash, password, cli->arena, &is_right, NULL);
        if (status != STATUS_OK)
            return status;
        json_member_bool(json, "signs_in", is_right && account.is_active);
    }
    json_member_bool(json, "created", false);
    json_member_string(json, "message", "There are users already; nothing was changed.");
    json_object_end(json);
    return STATUS_OK;
}

static enum status password_make(struct cli *cli, struct text *out_password)
{
    char random[GENERATED_BYTES];
    enum status status = crypto_random(random, sizeof random, &cli->error);

    if (status == STATUS_OK)
        *out_password = crypto_base64url((struct text){random, sizeof random}, cli->arena);
    return status;
}

/* potto connection: monitored databases. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "store/admin/account_admin.h"
#include "store/admin/connection_admin.h"

enum { HOST_BYTES_MAX = 255, IDENTIFIER_BYTES_MAX = 128 };

static const char usage[] =
    "connection create --name NAME --engine postgresql|mysql|mssql|oracle|mongodb [--host HOST] [--port N]\n"
    "       [--database NAME] [--username NAME] [--password-file FILE] [--tls-mode MODE]\n"
    "       [--visibility ORG_WIDE|TEAM_ONLY] [--team NAME] [--interval-s N] [--min-duration-ms N]\n"
    "       [--organization NAME] [--if-absent]\n"
    "   or: potto connection list [--organization NAME]\n"
    "   or: potto connection deactivate|activate --name NAME [--organization NAME]";

enum connection_option {
    OPTION_NAME,
    OPTION_ENGINE,
    OPTION_HOST,
    OPTION_PORT,
    OPTION_DATABASE,
    OPTION_USERNAME,
    OPTION_PASSWORD_FILE,
    OPTION_TLS_MODE,
    OPTION_VISIBILITY,
    OPTION_TEAM,
    OPTION_INTERVAL_S,
    OPTION_MIN_DURATION_MS,
    OPTION_ORGANIZATION,
    OPTION_IF_ABSENT,
    OPTION_COUNT
};

static const struct option known_options[] = {
    {"name", required_argument, NULL, OPTION_NAME},
    {"engine", required_argument, NULL, OPTION_ENGINE},
    {"host", required_argument, NULL, OPTION_HOST},
    {"port", required_argument, NULL, OPTION_PORT},
    {"database", required_argument, NULL, OPTION_DATABASE},
    {"username", required_argument, NULL, OPTION_USERNAME},
    {"password-file", required_argument, NULL, OPTION_PASSWORD_FILE},
    {"tls-mode", required_argument, NULL, OPTION_TLS_MODE},
    {"visibility", required_argument, NULL, OPTION_VISIBILITY},
    {"team", required_argument, NULL, OPTION_TEAM},
    {"interval-s", required_argument, NULL, OPTION_INTERVAL_S},
    {"min-duration-ms", required_argument, NULL, OPTION_MIN_DURATION_MS},
    {"organization", required_argument, NULL, OPTION_ORGANIZATION},
    {"if-absent", no_argument, NULL, OPTION_IF_ABSENT},
    {NULL, 0, NULL, 0},
};

/* The value given for each option; "" for an option without a value; NULL: not given. */
struct given {
    const char *values[OPTION_COUNT];
    int64_t organization_id;
};

static enum status connection_create(struct cli *cli, const struct given *given, struct json_writer *json);
static enum status connection_list(struct cli *cli, const struct given *given, struct json_writer *json);
static enum status connection_deactivate(struct cli *cli, const struct given *given, struct json_writer *json);
static enum status connection_activate(struct cli *cli, const struct given *given, struct json_writer *json);

static const struct action {
    const char *name;
    enum status (*run)(struct cli *cli, const struct given *given, struct json_writer *json);
    bool needs_name, needs_engine;
} actions[] = {{"create", connection_create, true, true},
               {"list", connection_list, false, false},
               {"deactivate", connection_deactivate, true, false},
               {"activate", connection_activate, true, false}};

static bool read_options(int argc, char **argv, struct given *out_given)
{
    int option;

    while ((option = getopt_long(argc, argv, "", known_options, NULL)) != -1) {
        if (option < 0 || option >= OPTION_COUNT)
            return false;
        out_given->values[option] = optarg == NULL ? "" : optarg;
    }
    return optind == argc;
}

int command_connection(int argc, char **argv)
{
    const struct action *action = CLI_ROW(actions, argv[1]);
    struct given given = {0};
    struct cli cli;
    enum status status;

    if (action == NULL || !read_options(argc - 1, argv + 1, &given) ||
        (action->needs_name && given.values[OPTION_NAME] == NULL) ||
        (action->needs_engine && given.values[OPTION_ENGINE] == NULL))
        return cli_usage(usage);
    status = cli_open(&cli);
    if (status == STATUS_OK)
        status = cli_organization(&cli, given.values[OPTION_ORGANIZATION], &given.organization_id);
    if (status == STATUS_OK)
        status = action->run(&cli, &given, &cli.json);
    return cli_end(&cli, status, "connection");
}

/* Read an optional text; *out_text does not change if it is not given. */
static enum status take_text(struct cli *cli, const struct given *given, enum connection_option option,
                             size_t bytes_max, struct text *out_text)
{
    if (given->values[option] == NULL)
        return STATUS_OK;
    return cli_text(cli, known_options[option].name, given->values[option], bytes_max, out_text);
}

static enum status take_number(struct cli *cli, const struct given *given, enum connection_option option,
                               int64_t minimum, int64_t maximum, int64_t *out_value)
{
    if (given->values[option] == NULL)
        return STATUS_OK;
    return cli_number(cli, known_options[option].name, given->values[option], minimum, maximum, out_value);
}

/* Read an option whose value must be one of `names`, which ends with NULL. */
static enum status take_choice(struct cli *cli, const struct given *given, enum connection_option option,
                               const char *const *names, struct text *out_text)
{
    if (given->values[option] == NULL)
        return STATUS_OK;
    for (size_t i = 0; names[i] != NULL; i++)
        if (strcmp(given->values[option], names[i]) == 0) {
            *out_text = text_of(names[i]);
            return STATUS_OK;
        }
    return error_field(&cli->error, known_options[option].name, "is not one of the values there are");
}

static enum status read_connection(struct cli *cli, const struct given *given, struct connection_new *out_fresh)
{
    static const char *const engines[] = {"postgresql", "mysql", "mssql", "oracle", "mongodb", NULL};
    static const char *const tls_modes[] = {"disable", "prefer", "require", "verify-ca", "verify-full", NULL};
    static const char *const visibilities[] = {"ORG_WIDE", "TEAM_ONLY", NULL};
    struct connection_new fresh = {
        .monitoring_enabled = true, .keep_literals = true, .min_duration_ms = -1, .visibility_scope = TEXT("ORG_WIDE")};
    int64_t port = 0, interval_s = 0, min_duration_ms = -1;
    /* Every reader adds its errors to the same struct error, so that all errors are shown at once. */
    const enum status outcomes[] = {
        take_text(cli, given, OPTION_NAME, NAME_BYTES_MAX, &fresh.name),
        take_choice(cli, given, OPTION_ENGINE, engines, &fresh.engine),
        take_text(cli, given, OPTION_HOST, HOST_BYTES_MAX, &fresh.host),
        take_number(cli, given, OPTION_PORT, 1, 65535, &port),
        take_text(cli, given, OPTION_DATABASE, IDENTIFIER_BYTES_MAX, &fresh.database_name),
        take_text(cli, given, OPTION_USERNAME, IDENTIFIER_BYTES_MAX, &fresh.username),
        take_choice(cli, given, OPTION_TLS_MODE, tls_modes, &fresh.tls_mode),
        take_choice(cli, given, OPTION_VISIBILITY, visibilities, &fresh.visibility_scope),
        take_number(cli, given, OPTION_INTERVAL_S, 5, 86400, &interval_s),
        take_number(cli, given, OPTION_MIN_DURATION_MS, 0, 86400000, &min_duration_ms),
    };

    for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++)
        if (outcomes[i] != STATUS_OK)
            return outcomes[i];
    fresh.port = (int32_t)port;
    fresh.interval_s = (int32_t)interval_s;
    fresh.min_duration_ms = (double)min_duration_ms;
    *out_fresh = fresh;
    return STATUS_OK;
}

static enum status seal_secrets(struct cli *cli, const struct given *given, struct connection_new *fresh,
                                struct auth_agent_token *out_token)
{
    struct auth_keys *keys = NULL;
    struct text password = {NULL, 0};
    enum status status = cli_keys(cli, &keys);

    if (status == STATUS_OK && given->values[OPTION_PASSWORD_FILE] != NULL) {
        status = cli_secret_read(cli, given->values[OPTION_PASSWORD_FILE], &password);
        if (status == STATUS_OK)
            status = auth_encrypt(keys, password, cli->arena, &fresh->password_ciphertext, &cli->error);
    }
    if (status == STATUS_OK)
        status = auth_agent_token_new(cli->arena, out_token, &cli->error);
    if (status == STATUS_OK)
        status = auth_encrypt(keys, out_token->token, cli->arena, &fresh->agent_token_ciphertext, &cli->error);
    auth_keys_destroy(keys);
    fresh->agent_token_hash = out_token->hash;
    fresh->agent_token_hint = out_token->hint;
    return status;
}

static void print_made(struct json_writer *json, int64_t connection_id, struct text agent_token, bool was_created)
{
    json_object_begin(json);
    json_member_int64(json, "id", connection_id);
    json_member_text_or_null(json, "agent_token", agent_token);
    json_member_bool(json, "created", was_created);
    json_object_end(json);
}

/* With --if-absent: print the existing connection of that name, with its token. */
static enum status print_present(struct cli *cli, int64_t connection_id, struct text token_ciphertext,
                                 struct json_writer *json)
{
    struct text token = {NULL, 0};
    struct auth_keys *keys = NULL;
    enum status status = token_ciphertext.data == NULL ? STATUS_OK : cli_keys(cli, &keys);

    if (status == STATUS_OK && keys != NULL)
        status = auth_decrypt(keys, token_ciphertext, cli->arena, &token, &cli->error);
    auth_keys_destroy(keys);
    if (status == STATUS_OK)
        print_made(json, connection_id, token, false);
    return status;
}

static enum status connection_create(struct cli *cli, const struct given *given, struct json_writer *json)
{
    struct connection_new fresh;
    struct auth_agent_token token;
    struct text team, token_ciphertext;
    int64_t connection_id = 0;
    enum status status = read_connection(cli, given, &fresh);

    if (status == STATUS_OK && given->values[OPTION_IF_ABSENT] != NULL) {
        status = store_admin_connection_find(cli->store, given->organization_id, fresh.name, cli->arena, &connection_id,
                                             &token_ciphertext, &cli->error);
        if (status == STATUS_OK && connection_id != 0)
            return print_present(cli, connection_id, token_ciphertext, json);
    }
    if (status == STATUS_OK && given->values[OPTION_TEAM] != NULL) {
        status = cli_text(cli, "team", given->values[OPTION_TEAM], NAME_BYTES_MAX, &team);
        if (status == STATUS_OK)
            status = store_admin_team_ensure(cli->store, given->organization_id, team, cli->arena, &fresh.team_id,
                                             &cli->error);
    }
    if (status == STATUS_OK && text_equal(fresh.visibility_scope, TEXT("TEAM_ONLY")) && fresh.team_id == 0)
        status = error_field(&cli->error, "team", "must be given for TEAM_ONLY");
    if (status == STATUS_OK)
        status = seal_secrets(cli, given, &fresh, &token);
    if (status == STATUS_OK)
        status = store_admin_connection_create(cli->store, given->organization_id, &fresh, cli->arena, &connection_id,
                                               &cli->error);
    if (status == STATUS_OK)
        print_made(json, connection_id, token.token, true);
    return status;
}

static enum status connection_list(struct cli *cli, const struct given *given, struct json_writer *json)
{
    const struct admin_connection *items;
    size_t count;
    enum status status =
        store_admin_connection_list(cli->store, given->organization_id, cli->arena, &items, &count, &cli->error);

    if (status != STATUS_OK)
        return status;
    json_array_begin(json);
    for (size_t i = 0; i < count; i++) {
        json_object_begin(json);
        json_member_int64(json, "id", items[i].id);
        json_member_text(json, "name", items[i].name);
        json_member_text(json, "engine", items[i].engine);
        json_member_text_or_null(json, "host", items[i].host);
        json_member_int64(json, "port", items[i].port);
        json_member_text(json, "visibility_scope", items[i].visibility_scope);
        json_member_text_or_null(json, "team_name", items[i].team_name);
        json_member_text_or_null(json, "agent_token_hint", items[i].agent_token_hint);
        json_member_bool(json, "is_active", items[i].is_active);
        json_member_text_or_null(json, "state", items[i].state);
        json_object_end(json);
    }
    json_array_end(json);
    return STATUS_OK;
}

static enum status connection_set_active(struct cli *cli, const struct given *given, bool is_active,
                                         struct json_writer *json)
{
    struct text token_ciphertext;
    int64_t connection_id = 0;
    enum status status =
        store_admin_connection_find(cli->store, given->organization_id, text_of(given->values[OPTION_NAME]), cli->arena,
                                    &connection_id, &token_ciphertext, &cli->error);

    if (status == STATUS_OK)
        status = store_admin_connection_set_active(cli->store, given->organization_id, connection_id, is_active,
                                                   cli->arena, &cli->error);
    if (status != STATUS_OK)
        return status;
    json_object_begin(json);
    json_member_int64(json, "id", connection_id);
    json_member_bool(json, "is_active", is_active);
    json_object_end(json);
    return STATUS_OK;
}

static enum status connection_deactivate(struct cli *cli, const struct given *given, struct json_writer *json)
{
    return connection_set_active(cli, given, false, json);
}

static enum status connection_activate(struct cli *cli, const struct given *given, struct json_writer *json)
{
    return connection_set_active(cli, given, true, json);
}

/* potto connection: monitored databases. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "auth/connection_secrets.h"
#include "base/engine.h"
#include "base/host.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "store/admin/account_admin.h"
#include "store/admin/connection_admin.h"

enum { USAGE_BYTES_MAX = 4096, USAGE_COLUMNS = 100 };

/* The option of a field (connection_fields.h) has the number of the field. These options have the numbers behind them.
 */
enum {
    OPTION_ORGANIZATION = CONNECTION_FIELD_COUNT,
    OPTION_IF_ABSENT,
    OPTION_COUNT,
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

/* List the options for getopt_long. `out_known` has room for OPTION_COUNT + 1. */
static void list_options(struct option *out_known)
{
    size_t count = 0;

    for (int id = 0; id < CONNECTION_FIELD_COUNT; id++)
        if (connection_fields[id].option != NULL)
            out_known[count++] = (struct option){connection_fields[id].option, required_argument, NULL, id};
    out_known[count++] = (struct option){"organization", required_argument, NULL, OPTION_ORGANIZATION};
    out_known[count++] = (struct option){"if-absent", no_argument, NULL, OPTION_IF_ABSENT};
    out_known[count] = (struct option){NULL, 0, NULL, 0};
}

static bool read_options(int argc, char **argv, struct given *out_given)
{
    struct option known[OPTION_COUNT + 1];
    int option;

    list_options(known);
    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (option < 0 || option >= OPTION_COUNT)
            return false;
        out_given->values[option] = optarg == NULL ? "" : optarg;
    }
    return optind == argc;
}

/* Append an option to the line, or to a new line if it does not fit. */
static void add_usage(struct buffer *usage, size_t *column, const char *words)
{
    size_t width = strlen(words) + 1;

    if (*column + width > USAGE_COLUMNS) {
        buffer_append_string(usage, "\n      ");
        *column = strlen("      ");
    }
    buffer_append_byte(usage, ' ');
    buffer_append_string(usage, words);
    *column += width;
}

static int print_usage(void)
{
    char words[160], engines[ENGINE_NAMES_BYTES];
    struct buffer usage;
    size_t column = strlen("usage: potto connection create");
    int exit_status;

    buffer_init(&usage, USAGE_BYTES_MAX);
    buffer_append_string(&usage, "connection create");
    for (int id = 0; id < CONNECTION_FIELD_COUNT; id++) {
        const struct connection_field *field = &connection_fields[id];
        bool is_required = (field->use & CONNECTION_REQUIRED) != 0;

        if (field->option == NULL)
            continue;
        snprintf(words, sizeof words, "%s--%s %s%s", is_required ? "" : "[", field->option,
                 field->option_value == NULL ? engine_names("|", engines) : field->option_value,
                 is_required ? "" : "]");
        add_usage(&usage, &column, words);
    }
    add_usage(&usage, &column, "[--organization NAME]");
    add_usage(&usage, &column, "[--if-absent]");
    buffer_append_string(&usage, "\n   or: potto connection list [--organization NAME]\n"
                                 "   or: potto connection deactivate|activate --name NAME [--organization NAME]");
    buffer_append_byte(&usage, '\0');
    exit_status = cli_usage(usage.data);
    buffer_free(&usage);
    return exit_status;
}

int command_connection(int argc, char **argv)
{
    const struct action *action = CLI_ROW(actions, argv[1]);
    struct given given = {0};
    struct cli cli;
    enum status status;

    if (action == NULL || !read_options(argc - 1, argv + 1, &given) ||
        (action->needs_name && given.values[CONNECTION_FIELD_NAME] == NULL) ||
        (action->needs_engine && given.values[CONNECTION_FIELD_ENGINE] == NULL))
        return print_usage();
    status = cli_open(&cli);
    if (status == STATUS_OK)
        status = cli_organization(&cli, given.values[OPTION_ORGANIZATION], &given.organization_id);
    if (status == STATUS_OK)
        status = action->run(&cli, &given, &cli.json);
    return cli_end(&cli, status, "connection");
}

static enum status take_choice(struct cli *cli, const struct connection_field *field, const char *given,
                               struct text *out_text)
{
    for (size_t i = 0; field->choices[i] != NULL; i++)
        if (strcmp(given, field->choices[i]) == 0) {
            *out_text = text_of(field->choices[i]);
            return STATUS_OK;
        }
    return error_field(&cli->error, field->option, "is not one of the values there are");
}

static enum status take_engine(struct cli *cli, const struct connection_field *field, const char *given,
                               struct text *out_text)
{
    const struct engine *engine = engine_find(text_of(given));
    char names[ENGINE_NAMES_BYTES];

    if (engine == NULL)
        return error_field(&cli->error, field->option, "must be one of %s", engine_names(", ", names));
    *out_text = text_of(engine->name);
    return STATUS_OK;
}

static enum status take_number(struct cli *cli, const struct connection_field *field, const char *given,
                               int64_t *out_number)
{
    return cli_number(cli, field->option, given, (int64_t)field->minimum, (int64_t)field->maximum, out_number);
}

static enum status take_decimal(struct cli *cli, const struct connection_field *field, const char *given,
                                double *out_number)
{
    double number;

    if (!text_to_double(text_of(given), &number) || !(number >= field->minimum && number <= field->maximum))
        return error_field(&cli->error, field->option, "must be a number from %.10g to %.10g", field->minimum,
                           field->maximum);
    *out_number = number;
    return STATUS_OK;
}

static enum status take_switch(struct cli *cli, const struct connection_field *field, const char *given,
                               bool *out_is_on)
{
    if (strcmp(given, "on") != 0 && strcmp(given, "off") != 0)
        return error_field(&cli->error, field->option, "must be on or off");
    *out_is_on = strcmp(given, "on") == 0;
    return STATUS_OK;
}

static enum status take(struct cli *cli, const struct connection_field *field, const char *given, void *out_value)
{
    switch (field->kind) {
    case CONNECTION_KIND_LINE:
        return cli_text(cli, field->option, given, (size_t)field->maximum, out_value);
    case CONNECTION_KIND_CHOICE:
        return take_choice(cli, field, given, out_value);
    case CONNECTION_KIND_ENGINE:
        return take_engine(cli, field, given, out_value);
    case CONNECTION_KIND_INTEGER:
        return take_number(cli, field, given, out_value);
    case CONNECTION_KIND_NUMBER:
        return take_decimal(cli, field, given, out_value);
    case CONNECTION_KIND_BOOL:
        return take_switch(cli, field, given, out_value);
    default:
        return STATUS_INTERNAL;
    }
}

/* Read the fields, and report all errors at once. The caller reads the team and the password afterwards. */
static enum status read_connection(struct cli *cli, const struct given *given, struct connection_input *out_input)
{
    struct connection_input input = connection_input_new();
    enum status first = STATUS_OK;
    const char *wrong;

    input.values.visibility_scope = TEXT("ORG_WIDE");
    input.values.interval_s = cli->config.monitoring_interval_minutes * 60;
    for (int id = 0; id < CONNECTION_FIELD_COUNT; id++) {
        enum status status;

        if (given->values[id] == NULL || id == CONNECTION_FIELD_TEAM_ID || id == CONNECTION_FIELD_PASSWORD)
            continue;
        status = take(cli, &connection_fields[id], given->values[id],
                      connection_input_value(&input, (enum connection_field_id)id));
        if (first == STATUS_OK)
            first = status;
    }
    wrong = host_check(input.values.host, cli->config.socket_hosts == 1);
    if (wrong != NULL)
        first = error_field(&cli->error, "host", "%s", wrong);
    if (text_equal(input.values.visibility_scope, TEXT("USER_ONLY")))
        first = error_field(&cli->error, "visibility", "is not one of the values there are");
    if (first == STATUS_OK)
        *out_input = input;
    return first;
}

static enum status seal_secrets(struct cli *cli, const struct given *given, struct connection_input *input,
                                struct text *out_agent_token)
{
    struct auth_keys *keys = NULL;
    enum status status = cli_keys(cli, &keys);

    if (status == STATUS_OK && given->values[CONNECTION_FIELD_PASSWORD] != NULL)
        status = cli_secret_read(cli, given->values[CONNECTION_FIELD_PASSWORD], &input->password);
    if (status == STATUS_OK)
        status = auth_connection_seal(keys, cli->store, given->organization_id, input, cli->arena, out_agent_token,
                                      &cli->error);
    auth_keys_destroy(keys);
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
static enum status print_present(struct cli *cli, const struct seal_place *place, struct text token_ciphertext,
                                 struct json_writer *json)
{
    struct text token = {NULL, 0};
    struct auth_keys *keys = NULL;
    enum status status = token_ciphertext.data == NULL ? STATUS_OK : cli_keys(cli, &keys);

    if (status == STATUS_OK && keys != NULL)
        status = auth_decrypt(keys, *place, token_ciphertext, cli->arena, &token, &cli->error);
    auth_keys_destroy(keys);
    if (status == STATUS_OK)
        print_made(json, place->connection_id, token, false);
    return status;
}

static enum status connection_create(struct cli *cli, const struct given *given, struct json_writer *json)
{
    struct connection_input input;
    struct seal_place present = {given->organization_id, 0, SEAL_AGENT_TOKEN};
    struct text team, agent_token, token_ciphertext;
    enum status status = read_connection(cli, given, &input);

    if (status == STATUS_OK && given->values[OPTION_IF_ABSENT] != NULL) {
        status = store_admin_connection_find(cli->store, given->organization_id, input.values.name, cli->arena,
                                             &present.connection_id, &token_ciphertext, &cli->error);
        if (status == STATUS_OK && present.connection_id != 0)
            return print_present(cli, &present, token_ciphertext, json);
    }
    if (status == STATUS_OK && given->values[CONNECTION_FIELD_TEAM_ID] != NULL) {
        status = cli_text(cli, "team", given->values[CONNECTION_FIELD_TEAM_ID], NAME_BYTES_MAX, &team);
        if (status == STATUS_OK)
            status = store_admin_team_ensure(cli->store, given->organization_id, team, cli->arena,
                                             &input.values.team_id, &cli->error);
    }
    if (status == STATUS_OK && text_equal(input.values.visibility_scope, TEXT("TEAM_ONLY")) &&
        input.values.team_id == 0)
        status = error_field(&cli->error, "team", "must be given for TEAM_ONLY");
    if (status == STATUS_OK)
        status = seal_secrets(cli, given, &input, &agent_token);
    if (status == STATUS_OK)
        status = store_admin_connection_create(cli->store, given->organization_id, &input, cli->arena, &cli->error);
    if (status == STATUS_OK)
        print_made(json, input.values.id, agent_token, true);
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
        store_admin_connection_find(cli->store, given->organization_id, text_of(given->values[CONNECTION_FIELD_NAME]),
                                    cli->arena, &connection_id, &token_ciphertext, &cli->error);

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

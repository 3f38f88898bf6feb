/* Shared by the commands; see cli.h. */
#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "store/admin/account_admin.h"
#include "store/scope/quota.h"

enum { SECRET_BYTES_MAX = 1024, ANSWER_BYTES_MAX = 16 * 1024 * 1024 };

enum status cli_open(struct cli *cli)
{
    *cli = (struct cli){.arena = arena_new(0)};
    buffer_init(&cli->answer, ANSWER_BYTES_MAX);
    json_writer_init(&cli->json, &cli->answer);
    if (config_read(CONFIG_CLI, &cli->config, &cli->error) != STATUS_OK)
        return cli->error.status;
    if (cli->config.store_owner_url == NULL)
        return error_field(&cli->error, "POTTO_OWNER_DATABASE_URL", "must be set: this command writes as the owner");
    cli->store = store_new(cli->config.store_owner_url, "potto");
    store_set_quotas(cli->store, QUOTA_SETTINGS_OF(cli->config));
    return STATUS_OK;
}

void cli_close(struct cli *cli)
{
    store_destroy(cli->store);
    buffer_free(&cli->answer);
    arena_destroy(cli->arena);
}

int cli_end(struct cli *cli, enum status status, const char *what)
{
    const struct buffer *answer = &cli->answer;
    int exit_status = EXIT_FAILED;

    buffer_append_byte(&cli->answer, '\n');
    if (status != STATUS_OK)
        cli_fail(cli, what);
    else if (!answer->has_failed && fwrite(answer->data, 1, answer->size_bytes, stdout) == answer->size_bytes &&
             fflush(stdout) == 0)
        exit_status = EXIT_DONE;
    cli_close(cli);
    return exit_status;
}

const void *cli_row(const void *rows, size_t count, size_t row_bytes, const char *name)
{
    for (size_t i = 0; name != NULL && i < count; i++) {
        const char *row = (const char *)rows + i * row_bytes;

        if (strcmp(*(const char *const *)row, name) == 0)
            return row;
    }
    return NULL;
}

int cli_fail(const struct cli *cli, const char *what)
{
    const struct error *error = &cli->error;

    fprintf(stderr, "potto: %s: %s\n", what, error->message[0] == '\0' ? status_title(error->status) : error->message);
    for (size_t i = 0; i < error->field_count; i++)
        fprintf(stderr, "  %s %s\n", error->fields[i].field, error->fields[i].message);
    if (error->detail[0] != '\0')
        fprintf(stderr, "  %s\n", error->detail);
    return EXIT_FAILED;
}

static bool is_usage_wanted;

void cli_want_usage(void)
{
    is_usage_wanted = true;
}

int cli_usage(const char *usage)
{
    fprintf(is_usage_wanted ? stdout : stderr, "usage: potto %s\n", usage);
    return is_usage_wanted ? EXIT_DONE : EXIT_USAGE;
}

enum status cli_keys(struct cli *cli, struct auth_keys **out_keys)
{
    return auth_keys_new(NULL, cli->config.encryption_key, out_keys, &cli->error);
}

enum status cli_secret_read(struct cli *cli, const char *path, struct text *out_secret)
{
    char secret[SECRET_BYTES_MAX + 2];
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(path, "re");
    size_t size;

    if (file == NULL)
        return error_set(&cli->error, STATUS_INVALID, "cannot read %s: %s", path, strerror(errno));
    size = fread(secret, 1, sizeof secret, file);
    if (!is_stdin)
        fclose(file);
    while (size > 0 && (secret[size - 1] == '\n' || secret[size - 1] == '\r'))
        size--;
    if (size == 0 || size > SECRET_BYTES_MAX || memchr(secret, '\0', size) != NULL)
        return error_set(&cli->error, STATUS_INVALID, "%s must hold 1 to %d bytes, without NUL", path,
                         SECRET_BYTES_MAX);
    *out_secret = (struct text){arena_string(cli->arena, secret, size), size};
    return STATUS_OK;
}

enum status cli_number(struct cli *cli, const char *option, const char *value, int64_t minimum, int64_t maximum,
                       int64_t *out_value)
{
    if (text_to_int64(text_of(value), out_value) && *out_value >= minimum && *out_value <= maximum)
        return STATUS_OK;
    return error_field(&cli->error, option, "must be a whole number from %lld to %lld", (long long)minimum,
                       (long long)maximum);
}

enum status cli_text(struct cli *cli, const char *option, const char *value, size_t bytes_max, struct text *out_text)
{
    struct text text = text_trim(text_of(value));
    bool is_ok = text.size > 0 && text.size <= bytes_max && text_valid_utf8(text) == text.size;

    for (size_t i = 0; is_ok && i < text.size; i++)
        is_ok = (unsigned char)text.data[i] >= 0x20 && text.data[i] != 0x7f;
    if (!is_ok)
        return error_field(&cli->error, option, "must be 1 to %zu bytes of UTF-8 without control characters",
                           bytes_max);
    *out_text = text;
    return STATUS_OK;
}

enum status cli_organization(struct cli *cli, const char *name, int64_t *out_organization_id)
{
    struct text organization = {NULL, 0};
    enum status status;

    if (name == NULL)
        return store_admin_organization_first(cli->store, cli->arena, out_organization_id, &cli->error);
    status = cli_text(cli, "--organization", name, NAME_BYTES_MAX, &organization);
    if (status != STATUS_OK)
        return status;
    return store_admin_organization_ensure(cli->store, organization, cli->arena, out_organization_id, &cli->error);
}

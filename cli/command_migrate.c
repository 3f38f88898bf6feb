/* potto migrate: the files of POTTO_MIGRATIONS, named NNN_what.sql, in order, each in a transaction.
 * Safe to repeat, and to run twice at once. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/rebuild.h"
#include "crypto/digest.h"
#include "store/upkeep/legacy.h"
#include "store/upkeep/migrate.h"

enum { MIGRATIONS_MAX = 1000, MIGRATION_BYTES_MAX = 4 * 1024 * 1024 };

struct migration_list {
    struct migration *items; /* ascending, each version once */
    size_t count;
};

static enum status list_files(struct cli *cli, struct migration_list *out_list);
static enum status read_file(struct cli *cli, struct migration *migration);
static enum status migrate(struct cli *cli, const struct migration_list *list);
static enum status carry_legacy(struct cli *cli);
static void say_missing(const struct text *missing, size_t count);

int command_migrate(int argc, char **argv)
{
    struct cli cli;
    struct migration_list list = {0};
    enum status status;

    (void)argv;
    if (argc > 1)
        return cli_usage("migrate");
    status = cli_open(&cli);
    if (status == STATUS_OK)
        status = list_files(&cli, &list);
    if (status == STATUS_OK)
        status = store_migrate_lock(cli.store, &cli.error);
    if (status == STATUS_OK)
        status = migrate(&cli, &list);
    if (status == STATUS_OK)
        status = carry_legacy(&cli);
    if (status == STATUS_OK)
        status = store_migrate_unlock(cli.store, &cli.error);
    if (status != STATUS_OK)
        cli_fail(&cli, "migrate");
    cli_close(&cli);
    return status == STATUS_OK ? EXIT_DONE : EXIT_FAILED;
}

static enum status migrate(struct cli *cli, const struct migration_list *list)
{
    const struct text *missing = NULL;
    size_t applied = 0, missing_count = 0;
    enum status status = STATUS_OK;

    for (size_t i = 0; i < list->count && status == STATUS_OK; i++) {
        const struct migration *migration = &list->items[i];
        enum migration_outcome outcome = MIGRATION_UNSET;

        status = store_migrate_apply(cli->store, migration, cli->arena, &outcome, &cli->error);
        if (status != STATUS_OK) {
            fprintf(stderr, "potto: %s was not applied\n", migration->name);
            return status;
        }
        if (outcome == MIGRATION_CHANGED)
            fprintf(stderr, "potto: warning: %s was applied before from a different file; it is not applied again\n",
                    migration->name);
        if (outcome == MIGRATION_APPLIED) {
            printf("applied %s\n", migration->name);
            applied++;
        }
    }
    status = store_migrate_grant(cli->store, cli->arena, &missing, &missing_count, &cli->error);
    if (status != STATUS_OK)
        return status;
    printf("%zu applied, %zu in all\n", applied, list->count);
    say_missing(missing, missing_count);
    return STATUS_OK;
}

/* The tables are as they should be; the API does not work before this is done. */
static void say_missing(const struct text *missing, size_t count)
{
    if (count == 0)
        return;
    fputs("potto: the API's roles are not what they should be (docs/security.md). Run as a superuser of PostgreSQL, in "
          "this\n"
          "database, and then `potto migrate` again:\n",
          stderr);
    for (size_t i = 0; i < count; i++)
        fprintf(stderr, "    %.*s\n", (int)missing[i].size, missing[i].data);
}

/* The predecessors' samples, once: Potto's fingerprints, then rollups. Each step is a transaction; what was not done is
 * done by the next run. */
static enum status carry_legacy(struct cli *cli)
{
    struct rollup_days wanted = {.from_us = INT64_MIN, .to_us = INT64_MAX, .is_legacy = true};
    struct rebuild_sum sum = {0};
    struct arena *scratch = arena_new(0);
    int64_t texts = 0, count = 1;
    bool is_due = false;
    enum status status = store_legacy_is_due(cli->store, cli->arena, &is_due, &cli->error);

    while (status == STATUS_OK && is_due && count > 0) {
        status = store_legacy_fingerprint(cli->store, scratch, &count, &cli->error);
        texts += count;
        arena_reset(scratch);
    }
    arena_destroy(scratch);
    if (status != STATUS_OK || !is_due)
        return status;
    status = rebuild_days(cli, &wanted, &sum);
    if (status == STATUS_OK)
        status = store_legacy_done(cli->store, cli->arena, &cli->error);
    if (status == STATUS_OK)
        printf("legacy: %lld statements, %lld samples rolled up\n", (long long)texts, (long long)sum.samples);
    return status;
}

static int by_version(const void *left, const void *right)
{
    const struct migration *a = left, *b = right;

    return (a->version > b->version) - (a->version < b->version);
}

/* "NNN_what.sql"; 0 if the name is not of that form. */
static int version_of(const char *name)
{
    size_t size = strlen(name);

    if (size < 9 || strcmp(name + size - 4, ".sql") != 0 || name[3] != '_' || strspn(name, "0123456789") != 3)
        return 0;
    return (name[0] - '0') * 100 + (name[1] - '0') * 10 + (name[2] - '0');
}

static enum status list_files(struct cli *cli, struct migration_list *out_list)
{
    const char *path = cli->config.migrations_path;
    struct migration_list list = {.items = arena_alloc_array(cli->arena, MIGRATIONS_MAX, sizeof *list.items)};
    const struct dirent *entry;
    DIR *directory = opendir(path);
    enum status status = STATUS_OK;

    if (directory == NULL)
        return error_set(&cli->error, STATUS_INVALID, "cannot read POTTO_MIGRATIONS=%s: %s", path, strerror(errno));
    while (list.count < MIGRATIONS_MAX && (entry = readdir(directory)) != NULL) {
        int version = version_of(entry->d_name);

        if (version > 0)
            list.items[list.count++] = (struct migration){
                .version = version, .name = arena_string(cli->arena, entry->d_name, strlen(entry->d_name) - 4)};
    }
    closedir(directory);
    if (list.count == 0)
        return error_set(&cli->error, STATUS_INVALID, "there are no migrations in POTTO_MIGRATIONS=%s", path);
    qsort(list.items, list.count, sizeof *list.items, by_version);
    for (size_t i = 0; i < list.count && status == STATUS_OK; i++) {
        if (i > 0 && list.items[i].version == list.items[i - 1].version)
            return error_set(&cli->error, STATUS_INVALID, "%s and %s have the same number", list.items[i - 1].name,
                             list.items[i].name);
        status = read_file(cli, &list.items[i]);
    }
    if (status == STATUS_OK)
        *out_list = list;
    return status;
}

static enum status read_file(struct cli *cli, struct migration *migration)
{
    const char *path = arena_printf(cli->arena, "%s/%s.sql", cli->config.migrations_path, migration->name);
    unsigned char *checksum = arena_alloc(cli->arena, CRYPTO_SHA256_BYTES);
    FILE *file = fopen(path, "re");
    struct buffer sql;
    char piece[16384];
    size_t size;
    bool is_read;
    enum status status;

    if (file == NULL)
        return error_set(&cli->error, STATUS_INVALID, "cannot read %s: %s", path, strerror(errno));
    buffer_init(&sql, MIGRATION_BYTES_MAX);
    while ((size = fread(piece, 1, sizeof piece, file)) > 0)
        buffer_append(&sql, piece, size);
    is_read = ferror(file) == 0 && !sql.has_failed;
    fclose(file);
    migration->sql = (struct text){arena_string(cli->arena, sql.data, sql.size_bytes), sql.size_bytes};
    buffer_free(&sql);
    if (!is_read)
        return error_set(&cli->error, STATUS_INVALID, "cannot read all of %s", path);
    status = crypto_sha256(migration->sql, checksum, &cli->error);
    migration->checksum = (struct text){(char *)checksum, CRYPTO_SHA256_BYTES};
    return status;
}

/* potto migrate: applies the files of POTTO_MIGRATIONS. It makes missing functions, applies NNN_what.sql in order, each
 * in a transaction, loads functions and views that have changed, and sets privileges, partitions and the predecessors'
 * samples. It can be repeated, and several may run at once. */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/migration_files.h"
#include "cli/rebuild.h"
#include "store/upkeep/legacy.h"
#include "store/upkeep/retention.h"

static enum status migrate(struct cli *cli, const struct migration_files *files);
static enum status apply_all(struct cli *cli, const struct migration_files *files, size_t *out_applied);
static enum status carry_legacy(struct cli *cli);
static void say_missing(const struct text *missing, size_t count);

int command_migrate(int argc, char **argv)
{
    struct cli cli;
    struct migration_files files = {0};
    enum status status;

    (void)argv;
    if (argc > 1)
        return cli_usage("migrate");
    status = cli_open(&cli);
    if (status == STATUS_OK)
        status = migration_files_read(&cli, &files);
    if (status == STATUS_OK)
        status = store_migrate_lock(cli.store, &cli.error);
    if (status == STATUS_OK)
        status = migrate(&cli, &files);
    if (status == STATUS_OK)
        status = carry_legacy(&cli);
    if (status == STATUS_OK)
        status = store_migrate_unlock(cli.store, &cli.error);
    if (status != STATUS_OK)
        cli_fail(&cli, "migrate");
    cli_close(&cli);
    return status == STATUS_OK ? EXIT_DONE : EXIT_FAILED;
}

static enum status migrate(struct cli *cli, const struct migration_files *files)
{
    struct schema_functions_loaded loaded = {0};
    struct retention retention = RETENTION_OF(cli->config);
    size_t applied = 0;
    enum status status =
        store_schema_functions_prepare(cli->store, files->functions, files->function_count, cli->arena, &cli->error);

    if (status == STATUS_OK)
        status = apply_all(cli, files, &applied);
    if (status == STATUS_OK)
        status = store_schema_functions_load(cli->store, files->functions, files->function_count, cli->arena, &loaded,
                                             &cli->error);
    if (status == STATUS_OK)
        status = store_retention_prepare(cli->store, &retention, cli->arena, &cli->error);
    if (status != STATUS_OK)
        return status;
    if (loaded.loaded > 0 || loaded.dropped > 0)
        printf("functions: %zu loaded, %zu dropped\n", loaded.loaded, loaded.dropped);
    printf("%zu applied, %zu in all\n", applied, files->migration_count);
    say_missing(loaded.missing, loaded.missing_count);
    return STATUS_OK;
}

static enum status apply_all(struct cli *cli, const struct migration_files *files, size_t *out_applied)
{
    for (size_t i = 0; i < files->migration_count; i++) {
        const struct migration *migration = &files->migrations[i];
        enum migration_outcome outcome = MIGRATION_UNSET;
        enum status status = store_migrate_apply(cli->store, migration, cli->arena, &outcome, &cli->error);

        if (status != STATUS_OK) {
            fprintf(stderr, "potto: %s was not applied\n", migration->name);
            return status;
        }
        if (outcome == MIGRATION_CHANGED)
            fprintf(stderr, "potto: warning: %s was applied before from a different file; it is not applied again\n",
                    migration->name);
        if (outcome == MIGRATION_APPLIED) {
            printf("applied %s\n", migration->name);
            ++*out_applied;
        }
    }
    return STATUS_OK;
}

/* The tables are up to date, but the API does not work until a superuser has run these statements. */
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

/* Take over the predecessors' samples, once: give them Potto's fingerprints, then make rollups. Each step is a
 * transaction; the next run does what an interrupted run has left. */
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

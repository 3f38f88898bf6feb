/* potto migrate: applies the files of POTTO_MIGRATIONS. It applies NNN_what.sql in order, seals secrets of an older
 * Potto again, makes and loads functions and views that are missing or have changed, and sets privileges: one
 * transaction, but for the first migrations. Then it makes partitions and carries over the predecessors' samples. It
 * can be repeated, and several may run at once.
 *   --discard-unreadable  remove secrets of an older Potto that no key opens; without it they stop the run */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/legacy_accounts.h"
#include "cli/migration_files.h"
#include "cli/rebuild.h"
#include "cli/reseal.h"
#include "store/upkeep/legacy.h"
#include "store/upkeep/retention.h"

enum { FIRST_VERSION_MAX = 12 };

/* What a run has done. */
struct done {
    enum migration_outcome *outcomes; /* one for each migration */
    struct schema_functions_loaded functions;
    struct reseal_tally resealed;
    struct legacy_accounts accounts;
};

static enum status migrate(struct cli *cli, const struct migration_files *files, bool discards_unreadable);
static enum status carry_legacy(struct cli *cli);
static void say(const struct migration_files *files, const struct done *done);
static void say_failed(const struct migration *migration);
static void say_missing(const struct text *missing, size_t count);

int command_migrate(int argc, char **argv)
{
    struct cli cli;
    struct migration_files files = {0};
    bool discards_unreadable = argc == 2 && strcmp(argv[1], "--discard-unreadable") == 0;
    enum status status;

    if (argc > 1 && !discards_unreadable)
        return cli_usage("migrate [--discard-unreadable]");
    status = cli_open(&cli);
    if (status == STATUS_OK)
        status = migration_files_read(&cli, &files);
    if (status == STATUS_OK)
        status = store_migrate_lock(cli.store, &cli.error);
    if (status == STATUS_OK)
        status = migrate(&cli, &files, discards_unreadable);
    if (status == STATUS_OK)
        status = legacy_tokens_seal(&cli);
    if (status == STATUS_OK)
        status = carry_legacy(&cli);
    if (status == STATUS_OK)
        status = store_migrate_unlock(cli.store, &cli.error);
    if (status != STATUS_OK)
        cli_fail(&cli, "migrate");
    cli_close(&cli);
    return status == STATUS_OK ? EXIT_DONE : EXIT_FAILED;
}

static enum status find_applied(struct cli *cli, const struct migration_files *files, enum migration_outcome *outcomes)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < files->migration_count && status == STATUS_OK; i++)
        status = store_migrate_find(cli->store, &files->migrations[i], cli->arena, &outcomes[i], &cli->error);
    return status;
}

static enum status apply(struct cli *cli, const struct migration *migration, enum migration_outcome *outcome,
                         struct legacy_accounts *accounts)
{
    enum status status;

    if (*outcome != MIGRATION_UNSET)
        return STATUS_OK;
    status = legacy_accounts_apply(cli, migration, cli->arena, outcome, accounts);
    if (status != STATUS_OK)
        say_failed(migration);
    return status;
}

/* The cause follows, in the words of PostgreSQL. */
static void say_failed(const struct migration *migration)
{
    fprintf(stderr,
            "potto: %s was not applied, and nothing is lost: the database is as it was before it. Remove the cause\n"
            "below and run `potto migrate` again, which goes on there. If the cause is a table of another program,\n"
            "rename it, or give Potto a database of its own (docs/data.md, \"Predecessors\").\n",
            migration->name);
}

static enum status prepare_functions(struct cli *cli, const struct migration_files *files)
{
    return store_schema_functions_prepare(cli->store, files->functions, files->function_count, cli->arena, &cli->error);
}

/* Before the first migration that is applied now, of this version. */
static enum status prepare_first(struct cli *cli, const struct migration_files *files, int version)
{
    enum status status = prepare_functions(cli, files);

    return status == STATUS_OK ? legacy_accounts_prepare(cli, version, cli->arena) : status;
}

/* The first migrations take over the predecessors' tables and move all of their rows. Each is a transaction, so that a
 * run that was interrupted goes on after the last of them. */
static enum status apply_first(struct cli *cli, const struct migration_files *files, struct done *done)
{
    enum status status = STATUS_OK;
    bool is_prepared = false;

    for (size_t i = 0; i < files->migration_count && status == STATUS_OK; i++) {
        if (files->migrations[i].version > FIRST_VERSION_MAX || done->outcomes[i] != MIGRATION_UNSET)
            continue;
        status = store_begin(cli->store, &cli->error);
        if (status == STATUS_OK && !is_prepared)
            status = prepare_first(cli, files, files->migrations[i].version);
        if (status == STATUS_OK)
            status = apply(cli, &files->migrations[i], &done->outcomes[i], &done->accounts);
        status = store_end(cli->store, status, &cli->error);
        if (status == STATUS_OK)
            printf("applied %s\n", files->migrations[i].name);
        is_prepared = true;
    }
    return status;
}

/* All others are one transaction: afterwards tables, functions, privileges and secrets are all of this Potto, or all as
 * before. Secrets come first, because a migration holds that they are bound to their place. */
static enum status apply_rest(struct cli *cli, const struct migration_files *files, bool discards_unreadable,
                              struct done *done)
{
    enum status status = store_begin(cli->store, &cli->error);

    if (status == STATUS_OK)
        status = reseal_unplaced(cli, discards_unreadable, &done->resealed);
    if (status == STATUS_OK)
        status = prepare_functions(cli, files);
    for (size_t i = 0; i < files->migration_count && status == STATUS_OK; i++)
        status = apply(cli, &files->migrations[i], &done->outcomes[i], &done->accounts);
    if (status == STATUS_OK)
        status = store_schema_functions_load(cli->store, files->functions, files->function_count, cli->arena,
                                             &done->functions, &cli->error);
    return store_end(cli->store, status, &cli->error);
}

static enum status migrate(struct cli *cli, const struct migration_files *files, bool discards_unreadable)
{
    struct done done = {.outcomes = arena_alloc_array(cli->arena, files->migration_count, sizeof *done.outcomes)};
    struct retention retention = RETENTION_OF(cli->config);
    enum status status = find_applied(cli, files, done.outcomes);

    if (status == STATUS_OK)
        status = apply_first(cli, files, &done);
    if (status == STATUS_OK)
        status = apply_rest(cli, files, discards_unreadable, &done);
    if (status != STATUS_OK)
        return status;
    say(files, &done);
    status = store_retention_prepare(cli->store, &retention, cli->arena, &cli->error);
    if (status == STATUS_OK)
        say_missing(done.functions.missing, done.functions.missing_count);
    return status;
}

static void say(const struct migration_files *files, const struct done *done)
{
    size_t applied = 0;

    for (size_t i = 0; i < files->migration_count; i++) {
        const char *name = files->migrations[i].name;

        if (done->outcomes[i] == MIGRATION_CHANGED)
            fprintf(stderr, "potto: warning: %s was applied before from a different file; it is not applied again\n",
                    name);
        applied += done->outcomes[i] == MIGRATION_APPLIED;
        if (done->outcomes[i] == MIGRATION_APPLIED && files->migrations[i].version > FIRST_VERSION_MAX)
            printf("applied %s\n", name);
    }
    for (size_t i = 0; i < done->functions.changed_count; i++)
        fprintf(stderr, "potto: warning: somebody changed %s in the database; it is loaded again from its file\n",
                done->functions.changed[i]);
    if (done->functions.loaded > 0 || done->functions.dropped > 0)
        printf("functions: %zu loaded, %zu dropped\n", done->functions.loaded, done->functions.dropped);
    if (done->resealed.resealed > 0 || done->resealed.unreadable > 0)
        printf("secrets: %lld sealed again for their place, %lld that no key opens discarded\n",
               (long long)done->resealed.resealed, (long long)done->resealed.unreadable);
    legacy_accounts_say(&done->accounts);
    printf("%zu applied, %zu in all\n", applied, files->migration_count);
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

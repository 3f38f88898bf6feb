/* potto rollup rebuild: makes rollups again from samples, while all programs run. potto rollup retry: folds what was
 * set aside. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/commands.h"
#include "cli/rebuild.h"

#define DAY_US (86400 * CLOCK_SECOND_US)

static const char usage[] =
    "rollup rebuild [--from TIME] [--to TIME] [--connection ID] | rollup retry [--connection ID]\n"
    "       TIME is a day such as 2026-11-20, or RFC 3339; whole days (UTC) are made again.\n"
    "       retry: adds up the numbers of databases that were set aside";

/* Read a time; a day such as "2026-11-20" means its midnight, in UTC. */
static enum status read_time(struct cli *cli, const char *option, const char *value, int64_t *out_time_us)
{
    const char *full = strlen(value) == 10 ? arena_printf(cli->arena, "%sT00:00:00Z", value) : value;

    if (clock_parse(text_of(full), true, out_time_us))
        return STATUS_OK;
    return error_field(&cli->error, option, "must be a date or a time as in RFC 3339");
}

static enum status read_options(struct cli *cli, int argc, char **argv, struct rollup_days *out_wanted,
                                bool *out_is_usage)
{
    static const struct option known[] = {{"from", required_argument, NULL, 'f'},
                                          {"to", required_argument, NULL, 't'},
                                          {"connection", required_argument, NULL, 'c'},
                                          {NULL, 0, NULL, 0}};
    enum status status = STATUS_OK;
    int option;

    while (status == STATUS_OK && (option = getopt_long(argc, argv, "", known, NULL)) != -1)
        switch (option) {
        case 'f':
            status = read_time(cli, "--from", optarg, &out_wanted->from_us);
            break;
        case 't':
            status = read_time(cli, "--to", optarg, &out_wanted->to_us);
            break;
        case 'c':
            status = cli_number(cli, "--connection", optarg, 1, INT64_MAX, &out_wanted->connection_id);
            break;
        default:
            *out_is_usage = true;
            return STATUS_INVALID;
        }
    *out_is_usage = optind != argc;
    /* A day is rebuilt as a whole, from all its samples: extend the period to whole days. */
    if (out_wanted->from_us != INT64_MIN)
        out_wanted->from_us -= ((out_wanted->from_us % DAY_US) + DAY_US) % DAY_US;
    if (status == STATUS_OK && out_wanted->from_us >= out_wanted->to_us)
        return error_field(&cli->error, "--to", "must be later than --from");
    return status;
}

static enum status rebuild(struct cli *cli, const struct rollup_days *wanted)
{
    struct rebuild_sum sum = {0};
    enum status status = rebuild_days(cli, wanted, &sum);

    json_member_int64(&cli->json, "days", sum.days);
    json_member_int64(&cli->json, "samples", sum.samples);
    json_member_int64(&cli->json, "rows_changed", sum.changed);
    return status;
}

/* Each database is a transaction of its own: those that fail stay set aside. Returns the last failure. */
static enum status retry(struct cli *cli, const struct rollup_days *wanted)
{
    struct rollup_aside *list = NULL;
    size_t count = 0, folded = 0;
    int64_t deltas = 0;
    enum status status =
        store_rollup_aside_list(cli->store, wanted->connection_id, cli->arena, &list, &count, &cli->error);

    for (size_t i = 0; i < count && status != STATUS_UNAVAILABLE; i++) {
        int64_t some = 0;
        enum status outcome = store_rollup_retry(cli->store, &list[i], cli->arena, &some, &cli->error);

        if (outcome != STATUS_OK)
            status = outcome;
        folded += outcome == STATUS_OK;
        deltas += some;
    }
    json_member_int64(&cli->json, "databases", (int64_t)folded);
    json_member_int64(&cli->json, "deltas", deltas);
    json_member_int64(&cli->json, "still_set_aside", (int64_t)(count - folded));
    return status;
}

int command_rollup(int argc, char **argv)
{
    struct rollup_days wanted = {.from_us = INT64_MIN, .to_us = INT64_MAX};
    bool is_retry = argc > 1 && strcmp(argv[1], "retry") == 0, is_usage = false;
    struct cli cli;
    enum status status;

    if (!is_retry && (argc < 2 || strcmp(argv[1], "rebuild") != 0))
        return cli_usage(usage);
    status = cli_open(&cli);
    if (status == STATUS_OK)
        status = read_options(&cli, argc - 1, argv + 1, &wanted, &is_usage);
    if (is_usage || (is_retry && (wanted.from_us != INT64_MIN || wanted.to_us != INT64_MAX))) {
        cli_close(&cli);
        return cli_usage(usage);
    }
    json_object_begin(&cli.json);
    if (status == STATUS_OK)
        status = is_retry ? retry(&cli, &wanted) : rebuild(&cli, &wanted);
    json_object_end(&cli.json);
    return cli_end(&cli, status, is_retry ? "rollup retry" : "rollup rebuild");
}

/* potto rollup rebuild: makes rollups again from samples, while all programs run. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/commands.h"
#include "cli/rebuild.h"

#define DAY_US (86400 * CLOCK_SECOND_US)

static const char usage[] = "rollup rebuild [--from TIME] [--to TIME] [--connection ID]\n"
                            "       TIME is a day such as 2026-11-20, or RFC 3339; whole days (UTC) are made again";

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

int command_rollup(int argc, char **argv)
{
    struct rollup_days wanted = {.from_us = INT64_MIN, .to_us = INT64_MAX};
    struct rebuild_sum sum = {0};
    bool is_usage = false;
    struct cli cli;
    enum status status;

    if (argc < 2 || strcmp(argv[1], "rebuild") != 0)
        return cli_usage(usage);
    status = cli_open(&cli);
    if (status == STATUS_OK)
        status = read_options(&cli, argc - 1, argv + 1, &wanted, &is_usage);
    if (is_usage) {
        cli_close(&cli);
        return cli_usage(usage);
    }
    if (status == STATUS_OK)
        status = rebuild_days(&cli, &wanted, &sum);
    json_object_begin(&cli.json);
    json_member_int64(&cli.json, "days", sum.days);
    json_member_int64(&cli.json, "samples", sum.samples);
    json_member_int64(&cli.json, "rows_changed", sum.changed);
    json_object_end(&cli.json);
    return cli_end(&cli, status, "rollup rebuild");
}

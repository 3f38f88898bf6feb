/* potto health: whether collectors are at work, for a check of a machine that serves no pages. Fails if none has been
 * heard of in the last minutes. */
#include <math.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "store/upkeep/health.h"

static enum status health(struct cli *cli, struct json_writer *json)
{
    struct store_health health;
    enum status status = store_health_read(cli->store, cli->arena, &health, &cli->error);

    if (status == STATUS_OK && health.daemons_online == 0)
        status = error_set(&cli->error, STATUS_UNAVAILABLE, "no collector is at work");
    if (status != STATUS_OK)
        return status;
    json_object_begin(json);
    json_member_int64(json, "collectors", health.daemons_online);
    json_member_time(json, "last_seen_at", health.daemon_seen_at_us);
    json_member_int64(json, "databases", health.connections_monitored);
    json_member_int64(json, "databases_failed", health.connections_failed);
    json_member_double(json, "late_s", round(health.collection_lag_s * 10) / 10);
    json_member_double(json, "rollups_late_s", round(health.rollup_lag_s * 10) / 10);
    json_object_end(json);
    return STATUS_OK;
}

int command_health(int argc, char **argv)
{
    struct cli cli;
    enum status status;

    (void)argv;
    if (argc > 1)
        return cli_usage("health");
    status = cli_open(&cli);
    if (status == STATUS_OK)
        status = health(&cli, &cli.json);
    return cli_end(&cli, status, "health");
}

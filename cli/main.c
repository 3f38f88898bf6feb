/* potto: the command line. Each command is a row of the table and has a file of its own. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/process.h"
#include "cli/commands.h"

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv); /* argv[0] is the command's name; returns the exit status */
    const char *usage;
} commands[] = {
    {"fingerprint", command_fingerprint,
     "fingerprint --dialect postgresql|mysql|mariadb [--null]  read statements, print hash<TAB>fingerprint for each"},
    {"migrate", command_migrate, "migrate  bring the store's tables up to date"},
    {"bootstrap", command_bootstrap,
     "bootstrap --email E [--password-file F]  make the first organization, team and admin, if there is none"},
    {"user", command_user, "user create|deactivate|activate|password …  manage the people who may sign in"},
    {"connection", command_connection, "connection create|list|deactivate|activate …  manage monitored databases"},
    {"keys", command_keys, "keys status|rotate|rotate-jwt --state-file FILE… …  replace ENCRYPTION_KEY and JWT_SECRET"},
    {"rollup", command_rollup,
     "rollup rebuild [--from T] [--to T] [--connection ID]  make rollups again from samples; or rollup retry"},
    {"config", command_config, "config  show every setting with its range and default"},
};

int main(int argc, char **argv)
{
    log_init("potto", LOG_INFO);
    process_close_to_others();
    for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    fprintf(stderr, "usage: potto COMMAND …\n\n");
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        fprintf(stderr, "  potto %s\n", commands[i].usage);
    return argc > 1 ? 2 : 0;
}

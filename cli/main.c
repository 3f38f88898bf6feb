/* potto: the command line. Each command is a row of the table and has a file of its own. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/process.h"
#include "cli/cli.h"
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
    {"health", command_health, "health  tell whether collectors are at work; exit status 1 if none is"},
    {"logs", command_logs, "logs read|batches FILE…  what happened in log files of database servers"},
    {"plan", command_plan, "plan analyze [--json] FILE|-  what is wrong with a plan that EXPLAIN gave; or plan rules"},
    {"llm", command_llm, "llm check [--json] [--statement FILE|-]  ask the configured language model one question"},
    {"statement", command_statement,
     "statement analyze [--schema FILE] [--json] FILE|-  what is wrong with statements by their text; or statement "
     "rules"},
    {"config", command_config, "config  show every setting with its range and default"},
};

enum { COMMAND_COUNT = sizeof commands / sizeof commands[0], USAGE_BYTES_MAX = 4096 };

/* --help among the arguments of a command: no command has it, so each answers it with its usage. */
static int run(const struct command *command, int argc, char **argv)
{
    char *help[] = {argv[0], NULL, NULL};

    for (int i = 1; i < argc && help[1] == NULL; i++)
        if (strcmp(argv[i], "--help") == 0)
            help[1] = argv[i];
    if (help[1] == NULL)
        return command->run(argc, argv);
    cli_want_usage();
    opterr = 0;
    return command->run(2, help);
}

int main(int argc, char **argv)
{
    char usage[USAGE_BYTES_MAX];
    const char *introduction;
    size_t used = (size_t)snprintf(usage, sizeof usage, "usage: potto COMMAND …; potto COMMAND --help\n\n");

    log_init("potto", LOG_INFO);
    process_close_to_others();
    for (size_t i = 0; argc > 1 && i < COMMAND_COUNT; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return run(&commands[i], argc - 1, argv + 1);
    for (size_t i = 0; i < COMMAND_COUNT && used < sizeof usage; i++)
        used += (size_t)snprintf(usage + used, sizeof usage - used, "  potto %s\n", commands[i].usage);
    introduction = process_introduction(argc, argv, usage, "potto " POTTO_VERSION "\n");
    if (introduction != NULL)
        return fputs(introduction, stdout) < 0 ? EXIT_FAILED : EXIT_DONE;
    fputs(usage, stderr);
    return argc > 1 ? EXIT_USAGE : EXIT_DONE;
}

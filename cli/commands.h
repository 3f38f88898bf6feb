/* The commands of potto, one file each: cli/command_<name>.c. Exit status: 0 done, 1 failed, 2 wrong arguments. */
#ifndef POTTO_CLI_COMMANDS_H
#define POTTO_CLI_COMMANDS_H

int command_fingerprint(int argc, char **argv);
int command_migrate(int argc, char **argv);
int command_bootstrap(int argc, char **argv);
int command_user(int argc, char **argv);
int command_connection(int argc, char **argv);
int command_keys(int argc, char **argv);
int command_rollup(int argc, char **argv);
int command_health(int argc, char **argv);
int command_logs(int argc, char **argv);
int command_plan(int argc, char **argv);
int command_llm(int argc, char **argv);
int command_statement(int argc, char **argv);
int command_config(int argc, char **argv);

#endif

/* potto config: prints every setting with its range and default. */
#include <stdio.h>

#include "base/config.h"
#include "cli/cli.h"
#include "cli/commands.h"

int command_config(int argc, char **argv)
{
    (void)argv;
    if (argc > 1)
        return cli_usage("config");
    config_describe(stdout);
    return EXIT_DONE;
}

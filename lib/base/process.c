/* A program's words about itself, and protection of a process' memory; see process.h. */
#include "base/process.h"

#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

bool process_introduces_itself(int argc, char **argv, const char *name, const char *usage)
{
    if (argc > 1 && strcmp(argv[1], "--help") == 0)
        fputs(usage, stdout);
    else if (argc > 1 && strcmp(argv[1], "--version") == 0)
        printf("%s %s\n", name, POTTO_VERSION);
    else
        return false;
    return true;
}

void process_close_to_others(void)
{
    const struct rlimit no_core = {0, 0};

    setrlimit(RLIMIT_CORE, &no_core);
#ifndef __SANITIZE_ADDRESS__
    prctl(PR_SET_DUMPABLE, 0);
#endif
}

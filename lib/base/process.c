/* A program's words about itself, and protection of a process' memory; see process.h. */
#include "base/process.h"

#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

const char *process_introduction(int argc, char **argv, const char *usage, const char *version)
{
    if (argc > 1 && strcmp(argv[1], "--help") == 0)
        return usage;
    return argc > 1 && strcmp(argv[1], "--version") == 0 ? version : NULL;
}

void process_close_to_others(void)
{
    const struct rlimit no_core = {0, 0};

    setrlimit(RLIMIT_CORE, &no_core);
#ifndef __SANITIZE_ADDRESS__
    prctl(PR_SET_DUMPABLE, 0);
#endif
}

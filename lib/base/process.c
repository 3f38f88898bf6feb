/* Protection of a process' memory; see process.h. */
#include "base/process.h"

#include <sys/prctl.h>
#include <sys/resource.h>

void process_close_to_others(void)
{
    const struct rlimit no_core = {0, 0};

    setrlimit(RLIMIT_CORE, &no_core);
#ifndef __SANITIZE_ADDRESS__
    prctl(PR_SET_DUMPABLE, 0);
#endif
}

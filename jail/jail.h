/* Shared by the files of potto-target. Its one process loads the libraries and clones a child for each look; a child
 * confines itself, serves one request and ends. */
#ifndef POTTO_JAIL_JAIL_H
#define POTTO_JAIL_JAIL_H

#include <stdbool.h>

/* Drop all capabilities, and make the filters of system calls, once, for all children. False: this machine or
 * libseccomp cannot. */
bool sandbox_prepare(void);
/* After everything is loaded: children may take so much memory beyond what this process has now. */
void sandbox_measure(void);

/* What this child needs beyond the common. */
struct sandbox_needs {
    int port;            /* TCP connections go to this port, and to that of name servers */
    bool allows_sockets; /* unix sockets */
    bool is_offline;     /* no sockets and no ports at all */
    const char *ca_file; /* NULL: the system's certificates alone */
    int memory_mb;       /* beyond what potto-target has */
};

/* Confine this process for good. False: it could not be done. */
bool sandbox_enter(const struct sandbox_needs *needs);

/* Read the request from `fd`, do it, write the answer, end. Never returns. */
_Noreturn void serve(int fd);

#endif

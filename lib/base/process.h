/* What every program says of itself, and what one that holds secrets does about its own memory. */
#ifndef POTTO_BASE_PROCESS_H
#define POTTO_BASE_PROCESS_H

#include <stdbool.h>

/* --help or --version as the first argument: write the usage (lines) or the version to standard output. False: neither
 * was asked for, and the program should do its work. */
bool process_introduces_itself(int argc, char **argv, const char *name, const char *usage);

/* Leave no core file, and keep other processes of the same user from reading this process' memory and environment
 * (/proc/PID/mem, ptrace). Children inherit both; a program that they execute must call this again. Does not stop
 * root. A build with sanitizers stays readable, because LeakSanitizer reads its own process by ptrace. */
void process_close_to_others(void);

#endif

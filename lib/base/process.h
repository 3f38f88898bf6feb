/* What every program says of itself, and what one that holds secrets does about its own memory. */
#ifndef POTTO_BASE_PROCESS_H
#define POTTO_BASE_PROCESS_H

/* What --help or --version as the first argument asks for: `usage` (lines) or `version` (a line), for standard output.
 * NULL: neither is asked for, and the program should do its work. */
const char *process_introduction(int argc, char **argv, const char *usage, const char *version);

/* Leave no core file, and keep other processes of the same user from reading this process' memory and environment
 * (/proc/PID/mem, ptrace). Children inherit both; a program that they execute must call this again. Does not stop
 * root. A build with sanitizers stays readable, because LeakSanitizer reads its own process by ptrace. */
void process_close_to_others(void);

#endif

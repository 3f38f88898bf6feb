/* Loading the client libraries ahead, for a process that clones others. */
#ifndef POTTO_TARGET_TARGET_LOAD_H
#define POTTO_TARGET_TARGET_LOAD_H

/* Load and set up what the client libraries, OpenSSL and the resolver would load at their first use. Connects to
 * nothing. */
void target_load(void);

#endif

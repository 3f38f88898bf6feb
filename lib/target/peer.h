/* What answers at an address where the connection's database doesn't: told from its first bytes, so that the page can
 * say "an HTTP server" and not only that signing in failed. */
#ifndef POTTO_TARGET_PEER_H
#define POTTO_TARGET_PEER_H

#include <stddef.h>

#include "base/engine.h"
#include "target/target.h"

/* "An HTTP server"; NULL: unknown, or what `engine` says itself. */
const char *peer_of(enum engine_kind engine, const unsigned char *first, size_t size);

/* Connect again and ask what other servers answer: for PostgreSQL whether it encrypts, for HTTP what it can do, and for
 * TLS to begin. Takes PEER_WAIT_MS for each question at most, and no time after the options' deadline. NULL: unknown.
 * Only for TCP. */
const char *peer_ask(const struct target_options *options, enum engine_kind engine);

enum { PEER_WAIT_MS = 600, PEER_FIRST_BYTES = 16 };

#endif

/* What a client library may do with a socket while it talks with a monitored server, whatever the server makes it do:
 * it waits and reads until a deadline at most, receives a bounded number of bytes, and never sends the password as it
 * is without encryption.
 *
 * libpq, Connector/C and OpenSSL have no settings for that. So a program that links this room has its own send, recv,
 * read and poll, which the shared libraries find before those of the C library. They pass everything on except
 * between target_guard_begin() and target_guard_end() of the same thread. */
#ifndef POTTO_TARGET_GUARD_H
#define POTTO_TARGET_GUARD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/engine.h"
#include "target/opening.h"
#include "target/target.h"

struct target_guard {
    int64_t deadline_us;            /* by clock_monotonic_us() */
    const atomic_bool *should_stop; /* NULL: never */
    size_t receive_max;             /* bytes */
    /* While connecting: the password, and the protocol in which it must not go out in clear. NULL: not watched. */
    const char *password;
    enum engine_kind engine;
    bool is_signing_in; /* what the server asks for is bounded (opening.h) */
    bool must_encrypt;  /* MySQL: nothing but the request for encryption goes out in clear */
};

/* `guard` must live until target_guard_end(). */
void target_guard_begin(const struct target_guard *guard);
/* Why a call was refused: TARGET_FAILURE_TIMEOUT, _STOPPED, _SHAPE (too many bytes), _CLEAR_PASSWORD, _TLS or _COST;
 * TARGET_FAILURE_UNSET: none was. */
enum target_failure target_guard_reason(void);
enum target_failure target_guard_end(void); /* the same */

/* Whether a client library signs in at this moment. A signal handler may ask. */
bool target_guard_is_signing_in(void);

/* What the server said before the last guard that signed in ended. */
const struct opening *target_guard_opening(void);

/* Wait until `fd` is ready for one of `events` of poll(). False: the guard refuses to wait longer. */
bool target_guard_wait(int fd, short events);

#endif

/* How failed sign-ins are counted, and how many of them have no consequence. For lib/auth alone, but for
 * throttle_network(). */
#ifndef POTTO_AUTH_THROTTLE_H
#define POTTO_AUTH_THROTTLE_H

#include "auth/authenticate.h"
#include "store/admin/throttle.h"

enum {
    /* Failures in a day of one account from networks that it does not know. After that each such network waits before
     * its first attempt. Nobody mistypes so often, and SP 800-63B 5.2.2 asks for no more than 100. */
    THROTTLE_ACCOUNT_FAILURES_MAX = 100,
};

struct throttle {
    struct sign_in_keys keys;
    struct sign_in_admission admission;
};

/* Count an attempt before its password is checked. STATUS_THROTTLED with retry_after_s: do not check it. The work is
 * the same whether or not there is such an account. `account` is the name that the account is looked up by
 * (auth/session.c). */
enum status throttle_begin(const struct auth_keys *keys, struct store *store, const struct auth_attempt *attempt,
                           struct text account, struct arena *arena, struct throttle *out_throttle,
                           struct error *error);
/* The password was right. */
enum status throttle_succeeded(struct store *store, const struct throttle *throttle, struct arena *arena,
                               struct error *error);

/* The network of an address, as bytes: IPv4 /24 (also when mapped into IPv6) or IPv6 /64. A text that is no address is
 * its own network. Lives in `arena`. */
struct text throttle_network(struct text remote_address, struct arena *arena);

#endif

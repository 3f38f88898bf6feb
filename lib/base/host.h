/* What may stand as the host of a monitored database. */
#ifndef POTTO_BASE_HOST_H
#define POTTO_BASE_HOST_H

#include <stdbool.h>

#include "base/text.h"

/* NULL, or what is wrong with the host: the end of a sentence that begins with "The host". A name or an address is
 * letters, digits and .-_:%\ alone, so that no client library reads a list of hosts, a URI or options in it. A unix
 * socket (a path) would let members use what the collector's own user may open. */
const char *host_check(struct text host, bool allows_sockets);

#endif

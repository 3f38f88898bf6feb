/* Kinds of network addresses, by what can be reached at them: requests to servers that somebody names must not reach
 * Potto's own machine or network unless a setting allows it. */
#ifndef POTTO_BASE_REACH_H
#define POTTO_BASE_REACH_H

#include <sys/socket.h>

#include "base/text.h"

/* Bits, because a setting allows several. */
enum reach {
    REACH_UNSET,
    REACH_PUBLIC = 1,
    REACH_PRIVATE = 2,    /* RFC 1918, carriers' NAT, unique local IPv6 */
    REACH_LOOPBACK = 4,   /* this machine; 0.0.0.0 reaches it too */
    REACH_LINK_LOCAL = 8, /* one network; 169.254.169.254 gives a machine's credentials in most clouds */
    REACH_NEVER = 16,     /* multicast, broadcast, reserved, sockets that are no network's */
};

/* Of an address that is about to be connected to. An IPv6 address that holds an IPv4 address (mapped, translated, 6to4)
 * is of the kind of that one. */
enum reach reach_of(const struct sockaddr *address);

/* NULL, or what is wrong with a list of kinds, separated by commas: the end of a sentence that begins with the name of
 * the setting. They are called public, private, loopback and link-local. */
const char *reach_check(const char *list);

/* The bits of a sound list; NULL allows nothing. */
unsigned reach_parse(const char *list);

#endif

/* Hosts of monitored databases; see host.h. */
#include "base/host.h"

#include <arpa/inet.h>
#include <string.h>

enum { IPV6_TEXT_BYTES_MAX = 64 };

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static bool has_letters_and_digits_alone(struct text text, const char *others)
{
    for (size_t i = 0; i < text.size; i++)
        if (!is_digit(text.data[i]) && !is_letter(text.data[i]) && memchr(others, text.data[i], strlen(others)) == NULL)
            return false;
    return true;
}

static bool is_address(int family, struct text text)
{
    char copy[IPV6_TEXT_BYTES_MAX];
    struct in6_addr address; /* has room for an in_addr too */

    if (text.size >= sizeof copy)
        return false;
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    return inet_pton(family, copy, &address) == 1;
}

/* An address, and maybe a network interface: fe80::1%eth0. */
static const char *check_ipv6(struct text host)
{
    struct text interface = host, address;

    text_split(&interface, '%', &address);
    if (!is_address(AF_INET6, address))
        return "is no IPv6 address";
    if (address.size < host.size && (interface.size == 0 || !has_letters_and_digits_alone(interface, "._-")))
        return "names no network interface after %";
    return NULL;
}

/* Labels between dots; the last may be empty. */
static const char *check_name(struct text host)
{
    size_t digits = 0, letters = 0, labels = 0;

    for (struct text rest = host, label; text_split(&rest, '.', &label); labels++) {
        if (label.size == 0 && rest.data != NULL)
            return "has no name before a dot";
        if (label.size > 0 && (label.data[0] == '-' || label.data[label.size - 1] == '-'))
            return "has a part that begins or ends with a hyphen";
        for (size_t i = 0; i < label.size; i++) {
            digits += is_digit(label.data[i]);
            letters += is_letter(label.data[i]);
        }
    }
    if (digits + labels - 1 == host.size)
        return is_address(AF_INET, host) ? NULL : "is neither a name nor a whole IPv4 address";
    return digits + letters > 0 ? NULL : "is no name: it has no letter and no digit";
}

const char *host_check(struct text host, bool allows_sockets)
{
    const char *colon;

    if (host.size == 0)
        return NULL;
    if (host.data[0] == '/' && !allows_sockets)
        return "is a unix socket, which this Potto does not allow (POTTO_SOCKET_HOSTS)";
    if (host.data[0] == '/')
        return has_letters_and_digits_alone(host, "/._:%-\\") ? NULL : "must be a path of letters, digits and /.-_:%";
    if (memmem(host.data, host.size, "://", 3) != NULL)
        return "is a URL; give the name or address in it alone";
    if (host.data[0] == '[')
        return "has brackets; give an IPv6 address without them, and the port by itself";
    colon = memchr(host.data, ':', host.size);
    if (colon != NULL && memchr(colon + 1, ':', host.size - (size_t)(colon + 1 - host.data)) == NULL)
        return "has a colon: give the port by itself";
    if (colon != NULL)
        return check_ipv6(host);
    if (!has_letters_and_digits_alone(host, "._-\\"))
        return "must be one name or address: letters, digits and .-_ alone";
    return check_name(host);
}

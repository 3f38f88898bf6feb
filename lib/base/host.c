/* Hosts of monitored databases; see host.h. */
#include "base/host.h"

#include <string.h>

const char *host_check(struct text host, bool allows_sockets)
{
    static const char others[] = "._:%-\\";
    bool is_socket = host.size > 0 && host.data[0] == '/';

    if (is_socket && !allows_sockets)
        return "is a unix socket, which this Potto does not allow (POTTO_SOCKET_HOSTS)";
    for (size_t i = 0; i < host.size; i++) {
        char byte = host.data[i];
        bool is_plain = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                        memchr(others, byte, sizeof others - 1) != NULL;

        if (!is_plain && !(is_socket && byte == '/'))
            return "must be one name or address: letters, digits and .-_:% alone";
    }
    return NULL;
}

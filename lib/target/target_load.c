/* Loading ahead; see target_load.h. */
#include "target/target_load.h"

#include <mysql.h>
#include <netdb.h>
#include <openssl/ssl.h>
#include <stddef.h>

void target_load(void)
{
    struct addrinfo *found = NULL;
    SSL_CTX *context;

    mysql_server_init(0, NULL, NULL);
    OPENSSL_init_ssl(0, NULL);
    context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_free(context);
    if (getaddrinfo("localhost", NULL, NULL, &found) == 0)
        freeaddrinfo(found);
}

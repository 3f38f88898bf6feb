/* lib/base/host.h: what may stand as the host of a monitored database. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <string.h>

#include "base/host.h"

static void a_host_is_one_name_or_address_and_else_the_words_say_what_it_is(void **state)
{
    static const struct {
        const char *host, *words; /* a part of what is said; NULL: the host is well */
    } cases[] = {{"", NULL},
                 {"db", NULL},
                 {"db.example.org.", NULL},
                 {"db_1", NULL},
                 {"10-0-0-5", NULL},
                 {"DB\\SQLEXPRESS", NULL},
                 {"203.0.113.9", NULL},
                 {"::1", NULL},
                 {"2001:db8::1", NULL},
                 {"fe80::1%eth0", NULL},
                 {"%", "one name or address"},
                 {".", "before a dot"},
                 {"db..example", "before a dot"},
                 {"-", "hyphen"},
                 {"db-.example", "hyphen"},
                 {"_", "no letter"},
                 {"db%eth0", "one name or address"},
                 {"http://db", "URL"},
                 {"postgresql://me@db:5432/shop", "URL"},
                 {"db:5432", "colon"},
                 {"127.0.0.1:5432", "colon"},
                 {"[::1]", "brackets"},
                 {"[::1]:5432", "brackets"},
                 {"1:2:3", "no IPv6 address"},
                 {"::1%", "interface"},
                 {"::1%a/b", "interface"},
                 {"10.0.0", "whole IPv4"},
                 {"10.0.0.256", "whole IPv4"},
                 {"5432", "whole IPv4"},
                 {"my db", "one name or address"},
                 {" db", "one name or address"},
                 {"d\xc3\xbc.example", "one name or address"},
                 {"a,b", "one name or address"},
                 {"/var/run/postgresql", "POTTO_SOCKET_HOSTS"}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *wrong = host_check(text_of(cases[i].host), false);

        if ((wrong == NULL) != (cases[i].words == NULL) || (wrong != NULL && strstr(wrong, cases[i].words) == NULL))
            fail_msg("%s: %s", cases[i].host, wrong == NULL ? "is well" : wrong);
    }
    assert_null(host_check(TEXT("/var/run/postgresql"), true));
    assert_non_null(host_check(TEXT("/var/run/post gresql"), true));
    assert_non_null(host_check((struct text){"d\0b", 3}, true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_host_is_one_name_or_address_and_else_the_words_say_what_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

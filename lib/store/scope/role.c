/* Names of roles; see role.h. */
#include "store/scope/role.h"

static const char *const role_names[] = {
    [ROLE_UNSET] = "", [ROLE_VIEWER] = "viewer", [ROLE_MEMBER] = "member", [ROLE_ADMIN] = "admin"};

const char *role_name(enum role role)
{
    return role_names[role];
}

enum role role_parse(struct text name)
{
    for (enum role role = ROLE_VIEWER; role <= ROLE_ADMIN; role++)
        if (text_equal(name, text_of(role_names[role])))
            return role;
    return ROLE_UNSET;
}

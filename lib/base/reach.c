/* Kinds of network addresses; see reach.h. */
#include "base/reach.h"

#include <netinet/in.h>
#include <string.h>

static const struct {
    const char *name;
    enum reach reach;
} names[] = {{"public", REACH_PUBLIC},
             {"private", REACH_PRIVATE},
             {"loopback", REACH_LOOPBACK},
             {"link-local", REACH_LINK_LOCAL}};

enum { NAME_COUNT = sizeof names / sizeof names[0] };

struct range {
    unsigned char prefix[16];
    int bits;
    enum reach reach;
};

/* IANA's registries of special addresses, what is within another first. Everything else is public. */
static const struct range ranges_v4[] = {
    {{0}, 8, REACH_LOOPBACK}, /* a connection to 0.0.0.0 reaches this machine */
    {{10}, 8, REACH_PRIVATE},          {{100, 64}, 10, REACH_PRIVATE},
    {{127}, 8, REACH_LOOPBACK},        {{169, 254}, 16, REACH_LINK_LOCAL},
    {{172, 16}, 12, REACH_PRIVATE},    {{192, 0, 0}, 24, REACH_NEVER},
    {{192, 0, 2}, 24, REACH_NEVER}, /* for documentation, as the two below */
    {{192, 88, 99}, 24, REACH_NEVER},  {{192, 168}, 16, REACH_PRIVATE},
    {{198, 18}, 15, REACH_PRIVATE}, /* of benchmarks */
    {{198, 51, 100}, 24, REACH_NEVER}, {{203, 0, 113}, 24, REACH_NEVER},
    {{224}, 3, REACH_NEVER}, /* multicast, reserved, broadcast */
};

static const struct range ranges_v6[] = {
    {{[15] = 1}, 128, REACH_LOOPBACK},
    {{0}, 128, REACH_LOOPBACK}, /* ::, as 0.0.0.0 */
    {{0x01}, 8, REACH_NEVER},   /* discarded */
    {{0x20, 0x01, 0x0d, 0xb8}, 32, REACH_NEVER},
    {{0x20, 0x01, 0x00, 0x00}, 23, REACH_NEVER}, /* protocols' own, Teredo among them */
    {{0x3f, 0xff}, 20, REACH_NEVER},
    {{0xfc}, 7, REACH_PRIVATE},
    {{0xfe, 0x80}, 10, REACH_LINK_LOCAL},
    {{0xfe, 0xc0}, 10, REACH_PRIVATE},
    {{0xff}, 8, REACH_NEVER},
};

/* Beginnings of IPv6 addresses after which an IPv4 address stands. */
static const struct {
    unsigned char prefix[12];
    int bytes;
} holders[] = {
    {{[10] = 0xff, 0xff}, 12},      /* ::ffff:a.b.c.d */
    {{[8] = 0xff, 0xff}, 12},       /* ::ffff:0:a.b.c.d */
    {{0x00, 0x64, 0xff, 0x9b}, 12}, /* 64:ff9b::a.b.c.d */
    {{0x20, 0x02}, 2},              /* 2002:aabb:ccdd:: */
};

static bool is_within(const unsigned char *bytes, const struct range *range)
{
    int whole = range->bits / 8, rest = range->bits % 8;

    if (memcmp(bytes, range->prefix, (size_t)whole) != 0)
        return false;
    return rest == 0 || (bytes[whole] ^ range->prefix[whole]) >> (8 - rest) == 0;
}

static enum reach find(const unsigned char *bytes, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (is_within(bytes, &ranges[i]))
            return ranges[i].reach;
    return REACH_PUBLIC;
}

static enum reach reach_of_v4(const unsigned char *bytes)
{
    return find(bytes, ranges_v4, sizeof ranges_v4 / sizeof ranges_v4[0]);
}

static enum reach reach_of_v6(const unsigned char *bytes)
{
    static const unsigned char zeros[12];

    for (size_t i = 0; i < sizeof holders / sizeof holders[0]; i++)
        if (memcmp(bytes, holders[i].prefix, (size_t)holders[i].bytes) == 0)
            return reach_of_v4(bytes + holders[i].bytes);
    /* ::a.b.c.d, which nobody uses any more; but :: and ::1 are others. */
    if (memcmp(bytes, zeros, sizeof zeros) == 0 && (bytes[12] | bytes[13] | bytes[14]) != 0)
        return reach_of_v4(bytes + 12);
    return find(bytes, ranges_v6, sizeof ranges_v6 / sizeof ranges_v6[0]);
}

enum reach reach_of(const struct sockaddr *address)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    switch (address->sa_family) {
    case AF_INET:
        memcpy(&v4, address, sizeof v4);
        return reach_of_v4((const unsigned char *)&v4.sin_addr);
    case AF_INET6:
        memcpy(&v6, address, sizeof v6);
        return reach_of_v6((const unsigned char *)&v6.sin6_addr);
    default:
        return REACH_NEVER;
    }
}

static enum reach find_name(struct text name)
{
    for (size_t i = 0; i < NAME_COUNT; i++)
        if (text_equal(name, text_of(names[i].name)))
            return names[i].reach;
    return REACH_UNSET;
}

const char *reach_check(const char *list)
{
    struct text rest = text_of(list), name;

    while (text_split(&rest, ',', &name))
        if (find_name(text_trim(name)) == REACH_UNSET)
            return "must be a list of public, private, loopback and link-local, separated by commas";
    return NULL;
}

unsigned reach_parse(const char *list)
{
    struct text rest = text_of(list), name;
    unsigned reaches = REACH_UNSET;

    while (text_split(&rest, ',', &name))
        reaches |= (unsigned)find_name(text_trim(name));
    return reaches;
}

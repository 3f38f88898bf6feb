/* Who waits for whose metadata lock; see waits.h. The tables are those of the servers' sql/mdl.cc. */
#include "collect/mysql/waits.h"

enum mode {
    MODE_UNSET,
    IX = 1 << 0,
    S = 1 << 1,
    SH = 1 << 2,
    SR = 1 << 3,
    SW = 1 << 4,
    SWLP = 1 << 5,
    SU = 1 << 6,
    SRO = 1 << 7,
    SNW = 1 << 8,
    SNRW = 1 << 9,
    X = 1 << 10,
    BACKUP_WORK = 1 << 11, /* MariaDB's: what changes data */
    BACKUP_HOLD = 1 << 12, /* and what keeps changes off for a while */
    ALL = (1 << 13) - 1
};

static const struct {
    struct text name;
    unsigned mode;
    unsigned granted, pending; /* modes that are waited for */
} modes[] = {
    {TEXT("INTENTION_EXCLUSIVE"), IX, S | X, S | X},
    {TEXT("SHARED"), S, IX | X, X},
    {TEXT("SHARED_HIGH_PRIO"), SH, X, 0},
    {TEXT("SHARED_READ"), SR, SNRW | X, SNRW | X},
    {TEXT("SHARED_WRITE"), SW, SRO | SNW | SNRW | X, SNW | SNRW | X},
    {TEXT("SHARED_WRITE_LOW_PRIO"), SWLP, SRO | SNW | SNRW | X, SRO | SNW | SNRW | X},
    {TEXT("SHARED_UPGRADABLE"), SU, SU | SNW | SNRW | X, SNRW | X},
    {TEXT("SHARED_READ_ONLY"), SRO, SW | SWLP | SNRW | X, SW | SNRW | X},
    {TEXT("SHARED_NO_WRITE"), SNW, SW | SWLP | SU | SNW | SNRW | X, SNRW | X},
    {TEXT("SHARED_NO_READ_WRITE"), SNRW, SR | SW | SWLP | SU | SRO | SNW | SNRW | X, X},
    {TEXT("EXCLUSIVE"), X, ALL, 0},
    {TEXT("BACKUP_DML"), BACKUP_WORK, BACKUP_HOLD, BACKUP_HOLD},
    {TEXT("BACKUP_TRANS_DML"), BACKUP_WORK, BACKUP_HOLD, BACKUP_HOLD},
    {TEXT("BACKUP_SYS_DML"), BACKUP_WORK, BACKUP_HOLD, BACKUP_HOLD},
    {TEXT("BACKUP_DDL"), BACKUP_WORK, BACKUP_HOLD, BACKUP_HOLD},
    {TEXT("BACKUP_ALTER_COPY"), BACKUP_WORK, BACKUP_HOLD, BACKUP_HOLD},
    {TEXT("BACKUP_COMMIT"), BACKUP_WORK, BACKUP_HOLD, BACKUP_HOLD},
};
enum { MODES_COUNT = sizeof modes / sizeof modes[0], MODE_OTHER = MODES_COUNT };

/* MODE_OTHER: a mode of MariaDB's backup stages. */
static size_t mode_of(struct text name)
{
    size_t i = 0;

    while (i < MODES_COUNT && !text_equal(name, modes[i].name))
        i++;
    return i;
}

static bool waits_for(const struct mysql_metadata_lock *waiter, const struct mysql_metadata_lock *other)
{
    size_t wanted = mode_of(waiter->mode), held = mode_of(other->mode);
    unsigned held_mode = held == MODE_OTHER ? BACKUP_HOLD : modes[held].mode;

    if (wanted == MODE_OTHER)
        return !other->is_pending;
    return ((other->is_pending ? modes[wanted].pending : modes[wanted].granted) & held_mode) != 0;
}

static bool is_same_object(const struct mysql_metadata_lock *left, const struct mysql_metadata_lock *right)
{
    return text_equal(left->name, right->name) && text_equal(left->schema, right->schema) &&
           text_equal(left->type, right->type);
}

void mysql_metadata_edges(struct waits_look *look, const struct mysql_metadata_lock *locks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!locks[i].is_pending)
            continue;
        for (size_t j = 0; j < count; j++)
            if (locks[j].session_id != locks[i].session_id && is_same_object(&locks[i], &locks[j]) &&
                waits_for(&locks[i], &locks[j]) && !waits_add_edge(look, locks[i].session_id, locks[j].session_id))
                return;
    }
}

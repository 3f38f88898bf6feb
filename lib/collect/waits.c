/* Looking at sessions for a stretch of time, and adding up what was seen; see waits.h. */
#include "collect/waits.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/clock.h"
#include "base/map.h"
#include "collect/engine.h"
#include "collect/waits_look.h"

enum {
    PINGS = 3,           /* how long an answer takes that costs nothing */
    SLEEP_SLICE_MS = 50, /* should_stop is checked this often */
    GAP_MAX = 3,         /* a look stands for so many pauses at most, if the one before came late */
    STATEMENTS_BYTES_MAX = 1 << 20,
    ACTIVE_MAX = 100 * 1000, /* sessions that a server can have */
    COSTS_LEARNED = 4,       /* looks whose mean cost decides */
};

/* What one part of a stretch adds up to. An index of the map is one of the array. */
struct part {
    struct wait_part facts;
    struct map wait_map, block_map;
    size_t wait_room, block_room;
    int64_t *block_look, *block_now; /* of each block: the look that saw it last, and with how many waiters */
};

struct stretch {
    const struct waits_input *input;
    struct statement_rules rules;
    struct waits_result *result;
    struct arena *arena; /* of the result */
    struct waits_look look;
    struct part parts[WAITS_PARTS];
    struct map statement_map;
    size_t text_bytes; /* of the statements */
    int64_t started_us, last_us;
    int64_t look_number;
    int64_t ping_us;
    int64_t opening_us; /* what opening the session cost; 0 once the first look has counted it */
    double cost_us;     /* of a look, over the last ones */
    uint64_t random;
};

enum status waits_run(struct waits_look *look, const struct target_statement *statement, const struct text *params,
                      int param_count, struct target_rows *out_rows)
{
    return target_run(look->target, statement, params, param_count, look->arena, out_rows, &look->failure);
}

bool waits_add_edge(struct waits_look *look, int64_t waiter, int64_t blocker)
{
    struct wait_edge *edge = vector_add(&look->edges, WAITS_EDGES_MAX, look->arena);

    if (edge != NULL)
        *edge = (struct wait_edge){.waiter = waiter, .blocker = blocker};
    return edge != NULL;
}

bool waits_has_session(const struct waits_look *look, int64_t id)
{
    for (size_t i = 0; i < look->sessions.count; i++)
        if (look->sessions.items[i].id == id)
            return true;
    return false;
}

/* ---- statements and names ---- */

static struct text kept_name(struct text name, struct arena *arena)
{
    struct text kept = text_cut_utf8(text_to_utf8(name, arena), WAITS_NAME_BYTES_MAX);

    return kept.data == NULL ? TEXT("") : kept;
}

static struct text copied(struct text text, struct arena *arena)
{
    return text.size == 0 ? TEXT("") : (struct text){arena_string(arena, text.data, text.size), text.size};
}

static bool is_hash(const void *context, uint32_t index)
{
    const struct {
        const struct statement_list *list;
        struct sql_hash hash;
    } *wanted = context;

    return sql_hash_equal(wanted->list->items[index].hash, wanted->hash);
}

/* Keep the fingerprint, once. False: there are too many. */
static bool keep_statement(struct stretch *stretch, const struct sql_fingerprint *fingerprint)
{
    struct statement_list *list = &stretch->result->facts.statements;
    struct {
        const struct statement_list *list;
        struct sql_hash hash;
    } wanted = {list, fingerprint->hash};
    uint64_t hash;

    if (list->count == WAITS_STATEMENTS_MAX || stretch->text_bytes + fingerprint->text.size > STATEMENTS_BYTES_MAX) {
        for (size_t i = 0; i < list->count; i++)
            if (sql_hash_equal(list->items[i].hash, fingerprint->hash))
                return true;
        return false;
    }
    memcpy(&hash, fingerprint->hash.bytes, sizeof hash);
    if (map_add(&stretch->statement_map, hash, is_hash, &wanted, (uint32_t)list->count) < list->count)
        return true;
    stretch->text_bytes += fingerprint->text.size;
    list->items[list->count] = *fingerprint;
    list->items[list->count++].text = copied(fingerprint->text, stretch->arena);
    return true;
}

static struct wait_statement statement_of(struct stretch *stretch, const struct wait_session *session)
{
    struct wait_statement statement = {.counter_key = session->counter_key};
    struct text sql = text_trim(session->sql);
    struct sql_fingerprint fingerprint;

    if (session->is_cut || sql.size == 0)
        return statement;
    fingerprint = statement_fingerprint(&stretch->rules, sql, stretch->look.arena);
    statement.is_known = keep_statement(stretch, &fingerprint);
    if (statement.is_known)
        statement.hash = fingerprint.hash;
    return statement;
}

/* ---- adding up ---- */

static bool is_same_statement(const struct wait_statement *left, const struct wait_statement *right)
{
    return left->is_known == right->is_known && sql_hash_equal(left->hash, right->hash) &&
           text_equal(left->counter_key, right->counter_key);
}

static uint64_t mix(uint64_t hash, struct text text)
{
    return XXH3_64bits_withSeed(text.data == NULL ? "" : text.data, text.size, hash);
}

static uint64_t mix_statement(uint64_t hash, const struct wait_statement *statement)
{
    hash = XXH3_64bits_withSeed(statement->hash.bytes, sizeof statement->hash.bytes, hash);
    return mix(hash, statement->counter_key);
}

static struct wait_statement copied_statement(const struct wait_statement *statement, struct arena *arena)
{
    struct wait_statement copy = *statement;

    if (copy.counter_key.data != NULL)
        copy.counter_key = copied(copy.counter_key, arena);
    return copy;
}

struct wait_search {
    const struct wait_fact *items, *wanted;
};

static bool is_wait(const void *context, uint32_t index)
{
    const struct wait_search *search = context;
    const struct wait_fact *left = &search->items[index], *right = search->wanted;

    return left->wait_class == right->wait_class && text_equal(left->event, right->event) &&
           is_same_statement(&left->statement, &right->statement) && text_equal(left->user, right->user) &&
           text_equal(left->host, right->host) && text_equal(left->application, right->application);
}

/* What finds no place any more counts by its class alone; there is always room for each class. */
static void add_wait(struct part *part, struct wait_fact wait, struct arena *arena)
{
    struct wait_search search = {part->facts.waits, &wait};
    uint64_t hash;
    uint32_t index;

    if (part->facts.wait_count >= part->wait_room - WAIT_CLASS_COUNT)
        wait = (struct wait_fact){.wait_class = wait.wait_class,
                                  .event = TEXT(""),
                                  .user = TEXT(""),
                                  .host = TEXT(""),
                                  .application = TEXT(""),
                                  .session_ms = wait.session_ms};
    hash =
        mix_statement(mix(mix(mix(mix((uint64_t)wait.wait_class, wait.event), wait.user), wait.host), wait.application),
                      &wait.statement);
    index = map_add(&part->wait_map, hash, is_wait, &search, (uint32_t)part->facts.wait_count);
    if (index < part->facts.wait_count) {
        part->facts.waits[index].session_ms += wait.session_ms;
        return;
    }
    wait.statement = copied_statement(&wait.statement, arena);
    wait.event = copied(wait.event, arena);
    wait.user = copied(wait.user, arena);
    wait.host = copied(wait.host, arena);
    wait.application = copied(wait.application, arena);
    part->facts.waits[part->facts.wait_count++] = wait;
}

struct block_search {
    const struct block_fact *items, *wanted;
};

static bool is_block(const void *context, uint32_t index)
{
    const struct block_search *search = context;
    const struct block_fact *left = &search->items[index], *right = search->wanted;

    return left->state == right->state && is_same_statement(&left->root, &right->root) &&
           is_same_statement(&left->statement, &right->statement) && text_equal(left->user, right->user) &&
           text_equal(left->application, right->application);
}

static void add_block(struct part *part, struct block_fact block, int64_t look_number, struct arena *arena)
{
    struct block_search search = {part->facts.blocks, &block};
    struct block_fact *known;
    uint64_t hash;
    uint32_t index;

    if (part->facts.block_count >= part->block_room - BLOCK_STATE_COUNT) {
        block.root = block.statement = (struct wait_statement){.is_known = false};
        block.user = block.application = TEXT("");
    }
    hash = mix_statement(mix_statement(mix(mix((uint64_t)block.state, block.user), block.application), &block.root),
                         &block.statement);
    index = map_add(&part->block_map, hash, is_block, &search, (uint32_t)part->facts.block_count);
    known = &part->facts.blocks[index];
    if (index == part->facts.block_count) {
        *known = block;
        known->root = copied_statement(&block.root, arena);
        known->statement = copied_statement(&block.statement, arena);
        known->user = copied(block.user, arena);
        known->application = copied(block.application, arena);
        known->session_ms = 0;
        part->facts.block_count++;
    }
    known->session_ms += block.session_ms;
    if (block.depth_max > known->depth_max)
        known->depth_max = block.depth_max;
    part->block_now[index] = part->block_look[index] == look_number ? part->block_now[index] + 1 : 1;
    part->block_look[index] = look_number;
    if (part->block_now[index] > known->waiters_max)
        known->waiters_max = part->block_now[index];
}

/* ---- chains ---- */

static int compare_edges(const void *left_edge, const void *right_edge)
{
    const struct wait_edge *left = left_edge, *right = right_edge;

    if (left->waiter != right->waiter)
        return left->waiter < right->waiter ? -1 : 1;
    return (left->blocker > right->blocker) - (left->blocker < right->blocker);
}

static int compare_sessions(const void *left_session, const void *right_session)
{
    const struct wait_session *left = left_session, *right = right_session;

    return (left->id > right->id) - (left->id < right->id);
}

/* NULL: nothing is known of it. */
static const struct wait_session *find_root(const struct waits_look *look, int64_t id)
{
    const struct wait_session wanted = {.id = id}, *found = NULL;

    if (look->holders.count > 0)
        found = bsearch(&wanted, look->holders.items, look->holders.count, sizeof wanted, compare_sessions);
    if (found == NULL && look->sessions.count > 0)
        found = bsearch(&wanted, look->sessions.items, look->sessions.count, sizeof wanted, compare_sessions);
    return found;
}

/* The first of the edges, which are sorted, of a waiter. */
static size_t first_edge(const struct waits_look *look, int64_t waiter)
{
    size_t low = 0, high = look->edges.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (look->edges.items[middle].waiter < waiter)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool has_edge(const struct waits_look *look, int64_t waiter)
{
    size_t at = first_edge(look, waiter);

    return at < look->edges.count && look->edges.items[at].waiter == waiter;
}

/* Sessions reached from a waiter, nearest first. */
struct chain {
    struct {
        int64_t id, depth;
    } steps[WAITS_SESSIONS_MAX];
    size_t count;
};

static void add_step(struct chain *chain, int64_t id, int64_t depth)
{
    for (size_t i = 0; i < chain->count; i++)
        if (chain->steps[i].id == id)
            return;
    if (chain->count == WAITS_SESSIONS_MAX)
        return;
    chain->steps[chain->count].id = id;
    chain->steps[chain->count++].depth = depth;
}

static void follow(const struct waits_look *look, int64_t waiter, struct chain *chain)
{
    chain->count = 0;
    add_step(chain, waiter, 0);
    for (size_t i = 0; i < chain->count; i++)
        for (size_t at = first_edge(look, chain->steps[i].id);
             at < look->edges.count && look->edges.items[at].waiter == chain->steps[i].id; at++)
            add_step(chain, look->edges.items[at].blocker, chain->steps[i].depth + 1);
}

static void add_root(struct stretch *stretch, struct part *part, const struct wait_session *waiter,
                     const struct wait_session *root, int64_t depth, int64_t ms)
{
    struct arena *arena = stretch->look.arena;
    struct block_fact block = {.state = root == NULL ? BLOCK_STATE_UNKNOWN : root->state,
                               .user = TEXT(""),
                               .application = TEXT(""),
                               .statement = statement_of(stretch, waiter),
                               .session_ms = ms,
                               .depth_max = depth};

    if (root != NULL) {
        block.root = statement_of(stretch, root);
        block.user = kept_name(root->user, arena);
        block.application = kept_name(root->application, arena);
    }
    add_block(part, block, stretch->look_number, stretch->arena);
}

/* Time goes to the sessions at the ends of the waiter's chains, in equal parts. Sessions that wait for one another in a
 * circle have no root; the server ends such a circle by itself. */
static void add_roots(struct stretch *stretch, struct part *part, const struct wait_session *waiter, int64_t ms)
{
    struct chain *chain = arena_alloc(stretch->look.arena, sizeof *chain);
    const struct waits_look *look = &stretch->look;
    int64_t roots = 0, place = 0;

    follow(look, waiter->id, chain);
    for (size_t i = 1; i < chain->count; i++)
        roots += !has_edge(look, chain->steps[i].id);
    if (roots == 0)
        return;
    for (size_t i = 1; i < chain->count; i++) {
        if (has_edge(look, chain->steps[i].id))
            continue;
        add_root(stretch, part, waiter, find_root(look, chain->steps[i].id), chain->steps[i].depth,
                 ms / roots + (place < ms % roots));
        place++;
    }
}

/* ---- one look ---- */

static void add_session(struct stretch *stretch, struct part *part, const struct wait_session *session, int64_t ms)
{
    struct arena *arena = stretch->look.arena;

    add_wait(part,
             (struct wait_fact){.wait_class = session->wait_class,
                                .event = kept_name(session->event, arena),
                                .statement = statement_of(stretch, session),
                                .user = kept_name(session->user, arena),
                                .host = kept_name(session->host, arena),
                                .application = kept_name(session->application, arena),
                                .session_ms = ms},
             stretch->arena);
}

/* `ms`: the time that the look stands for. Where there were more sessions than were read, each stands for several. */
static void add_look(struct stretch *stretch, struct part *part, int64_t ms)
{
    struct waits_look *look = &stretch->look;
    int64_t active_count = look->active_count < ACTIVE_MAX ? look->active_count : ACTIVE_MAX, read_count = 0;

    if (look->edges.count > 0)
        qsort(look->edges.items, look->edges.count, sizeof *look->edges.items, compare_edges);
    if (look->sessions.count > 0)
        qsort(look->sessions.items, look->sessions.count, sizeof *look->sessions.items, compare_sessions);
    if (look->holders.count > 0)
        qsort(look->holders.items, look->holders.count, sizeof *look->holders.items, compare_sessions);
    for (size_t i = 0; i < look->sessions.count; i++)
        read_count += look->sessions.items[i].is_active;
    for (size_t i = 0; i < look->sessions.count; i++) {
        const struct wait_session *session = &look->sessions.items[i];
        int64_t session_ms = ms;

        if (!session->is_active || collect_is_own(session->sql))
            continue;
        if (active_count > read_count)
            session_ms = ms * active_count / read_count;
        add_session(stretch, part, session, session_ms);
        if (has_edge(look, session->id))
            add_roots(stretch, part, session, session_ms);
    }
}

static bool ping(struct stretch *stretch)
{
    static const struct target_column columns[] = {{"one", .kind = TARGET_COUNT}};
    static const struct target_statement statement = {.sql = "SELECT /* potto */ 1 AS potto",
                                                      TARGET_COLUMNS(columns),
                                                      .rows_min = 1,
                                                      .rows_max = 1,
                                                      .cost_max = 1024};

    stretch->ping_us = INT64_MAX;
    for (int i = 0; i < PINGS; i++) {
        int64_t before_us = target_spent_us(stretch->look.target), took_us;
        struct target_rows rows;

        if (waits_run(&stretch->look, &statement, NULL, 0, &rows) != STATUS_OK)
            return false;
        took_us = target_spent_us(stretch->look.target) - before_us;
        if (took_us < stretch->ping_us)
            stretch->ping_us = took_us;
    }
    return true;
}

/* The time of an answer beyond that of one that costs nothing, for each statement of the look. */
static int64_t cost_of(const struct stretch *stretch, int64_t spent_us, int statement_count)
{
    int64_t cost_us = spent_us - stretch->ping_us * statement_count;

    return cost_us < 0 ? 0 : cost_us;
}

static bool look_once(struct stretch *stretch)
{
    struct waits_look *look = &stretch->look;
    int64_t before_us = target_spent_us(look->target), now_us, ms, cost_us;
    int64_t gap_max_ms = GAP_MAX * INT64_C(1000) * COLLECT_WAITS_PAUSE_MAX_MS / 1000;
    int before_count = target_statement_count(look->target);
    struct part *part;

    look->sessions.count = look->sessions.capacity = 0;
    look->holders.count = look->holders.capacity = 0;
    look->edges.count = look->edges.capacity = 0;
    look->active_count = 0;
    look->is_first = stretch->look_number++ == 0;
    if (collect_engine_of(stretch->input->target->engine)->look(look) != STATUS_OK)
        return false;
    now_us = clock_monotonic_us();
    ms = (now_us - stretch->last_us) / 1000;
    stretch->last_us += ms * 1000;
    if (ms > gap_max_ms)
        ms = gap_max_ms;
    part = &stretch->parts[now_us - stretch->started_us < stretch->input->first_part_ms * 1000 ? 0 : 1];
    cost_us = cost_of(stretch, target_spent_us(look->target) - before_us,
                      target_statement_count(look->target) - before_count);
    stretch->cost_us = stretch->look_number == 1
                           ? (double)cost_us
                           : stretch->cost_us + ((double)cost_us - stretch->cost_us) / COSTS_LEARNED;
    part->facts.watched_ms += ms;
    part->facts.look_count++;
    part->facts.cost_us += cost_us + stretch->opening_us;
    stretch->opening_us = 0;
    add_look(stretch, part, ms);
    arena_reset(look->arena);
    return true;
}

/* ---- the stretch ---- */

static bool should_stop(const struct stretch *stretch)
{
    const atomic_bool *stop = stretch->input->target->should_stop;

    return stop != NULL && atomic_load(stop);
}

/* xorshift: which moments are seen needs no secrecy. */
static double random_share(struct stretch *stretch)
{
    stretch->random ^= stretch->random << 13;
    stretch->random ^= stretch->random >> 7;
    stretch->random ^= stretch->random << 17;
    return (double)(stretch->random >> 11) / (double)(UINT64_C(1) << 53);
}

/* The pause that the mean cost of a look allows, from half of it to one and a half. */
static int64_t pause_us(struct stretch *stretch)
{
    double wanted_us = stretch->cost_us * 1e6 / (double)stretch->input->cost_ppm;

    if (wanted_us < (double)stretch->input->pause_ms * 1000)
        wanted_us = (double)stretch->input->pause_ms * 1000;
    if (wanted_us > COLLECT_WAITS_PAUSE_MAX_MS * 1000.0)
        wanted_us = COLLECT_WAITS_PAUSE_MAX_MS * 1000.0;
    return (int64_t)(wanted_us * (0.5 + random_share(stretch)));
}

/* Returns false when the stretch is over. */
static bool sleep_until(const struct stretch *stretch, int64_t until_us)
{
    int64_t end_us = stretch->started_us + stretch->input->stretch_ms * 1000;

    for (;;) {
        int64_t now_us = clock_monotonic_us(), left_us;

        if (should_stop(stretch) || now_us >= end_us)
            return false;
        if (now_us >= until_us)
            return true;
        left_us = (until_us < end_us ? until_us : end_us) - now_us;
        poll(NULL, 0, left_us < SLEEP_SLICE_MS * 1000 ? (int)(left_us / 1000) + 1 : SLEEP_SLICE_MS);
    }
}

static bool costs_too_much(const struct stretch *stretch)
{
    return stretch->look_number >= COSTS_LEARNED &&
           stretch->cost_us * 1e6 / (double)stretch->input->cost_ppm > COLLECT_WAITS_PAUSE_MAX_MS * 2000.0;
}

static void tell(struct waits_result *result, enum collect_state state, const char *problem, const char *remedy,
                 const char *detail)
{
    result->state = state;
    snprintf(result->problem, sizeof result->problem, "%s", problem);
    snprintf(result->remedy, sizeof result->remedy, "%s", remedy);
    snprintf(result->detail, sizeof result->detail, "%s", detail);
}

static void tell_failure(struct stretch *stretch)
{
    const struct target_problem *failure = &stretch->look.failure;
    bool has_seen = stretch->parts[0].facts.look_count + stretch->parts[1].facts.look_count > 0;

    if (should_stop(stretch))
        return;
    tell(stretch->result, has_seen ? COLLECT_STATE_WARNING : COLLECT_STATE_FAILED, failure->problem, failure->remedy,
         failure->detail);
}

static void look_on(struct stretch *stretch)
{
    bool goes_on = ping(stretch);

    arena_reset(stretch->look.arena);
    stretch->opening_us = goes_on ? target_cost_us(stretch->look.target) : 0;
    stretch->started_us = stretch->last_us = clock_monotonic_us();
    while (goes_on && sleep_until(stretch, stretch->last_us + pause_us(stretch))) {
        goes_on = look_once(stretch);
        if (goes_on && costs_too_much(stretch)) {
            tell(stretch->result, COLLECT_STATE_WARNING, "Looking at the sessions costs more than it may.",
                 "Potto looks again after a pause. The connection's overhead_budget_percent and POTTO_WAITS_COST_PPM "
                 "say what looks may cost.",
                 "");
            return;
        }
    }
    if (!goes_on)
        tell_failure(stretch);
    else if (stretch->look.unseen_problem[0] != '\0')
        tell(stretch->result, COLLECT_STATE_OK, stretch->look.unseen_problem, stretch->look.unseen_remedy, "");
}

static void prepare(struct stretch *stretch)
{
    struct arena *arena = stretch->arena;

    stretch->statement_map = map_new(WAITS_STATEMENTS_MAX, arena);
    stretch->result->facts.statements.items =
        arena_alloc_array(arena, WAITS_STATEMENTS_MAX, sizeof *stretch->result->facts.statements.items);
    for (int i = 0; i < WAITS_PARTS; i++) {
        struct part *part = &stretch->parts[i];

        part->wait_room = WAITS_MAX;
        part->block_room = WAITS_BLOCKS_MAX;
        part->wait_map = map_new(WAITS_MAX, arena);
        part->block_map = map_new(WAITS_BLOCKS_MAX, arena);
        part->facts.waits = arena_alloc_array(arena, WAITS_MAX, sizeof *part->facts.waits);
        part->facts.blocks = arena_alloc_array(arena, WAITS_BLOCKS_MAX, sizeof *part->facts.blocks);
        part->block_look = arena_alloc_array(arena, WAITS_BLOCKS_MAX, sizeof *part->block_look);
        part->block_now = arena_alloc_array(arena, WAITS_BLOCKS_MAX, sizeof *part->block_now);
    }
}

void collect_waits(const struct waits_input *input, struct arena *arena, struct waits_result *out_result)
{
    struct text name = text_of(input->target->engine);
    struct stretch stretch = {
        .input = input,
        .rules = {.engine = name, .dialect = sql_dialect_of(name), .keeps_literals = input->keeps_literals},
        .result = out_result,
        .arena = arena,
        .look = {.arena = arena_new(0), .session_arena = arena},
        .random = (uint64_t)clock_monotonic_us() | 1};

    *out_result = (struct waits_result){.state = COLLECT_STATE_OK};
    prepare(&stretch);
    if (target_open(input->target, &stretch.look.target, &stretch.look.failure) == STATUS_OK) {
        look_on(&stretch);
        target_close(stretch.look.target);
    } else {
        tell_failure(&stretch);
    }
    for (int i = 0; i < WAITS_PARTS; i++)
        out_result->facts.parts[i] = stretch.parts[i].facts;
    arena_destroy(stretch.look.arena);
}

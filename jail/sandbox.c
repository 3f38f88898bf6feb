/* What a child may do: memory, time, system calls (seccomp), files and ports (Landlock, where the kernel has it). A
 * limit is no fault of the server's: a child that needs more memory than it may says so by its exit code (memory.c),
 * and one that makes a forbidden system call dies of it. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/text.h"
#include "child/exit.h"
#include "jail/jail.h"

enum {
    CPU_S = 30,
    FILES_MAX = 32,
    FILTER_BYTES_MAX = 32 * 1024,
    OWN_PID = 0x7ffffff1, /* stands in the filters for the id of the child, which replaces it */
    DNS_PORT = 53,
};

/* ---- system calls ---- */

struct filter {
    struct sock_filter steps[FILTER_BYTES_MAX / sizeof(struct sock_filter)];
    unsigned short count;
};

/* By the sockets that a child may open. */
enum reach { REACH_INTERNET, REACH_UNIX_TOO, REACH_NOTHING, REACH_COUNT };
static struct filter filters[REACH_COUNT];

/* What libpq, Connector/C, OpenSSL and glibc's resolver call. Everything else gives EPERM. */
static const int allowed[] = {
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(readv),
    SCMP_SYS(writev),
    SCMP_SYS(recvfrom),
    SCMP_SYS(recvmsg),
    SCMP_SYS(connect),
    SCMP_SYS(bind),
    SCMP_SYS(shutdown),
    SCMP_SYS(getsockname),
    SCMP_SYS(getpeername),
    SCMP_SYS(getsockopt),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(select),
    SCMP_SYS(pselect6),
    SCMP_SYS(close),
    SCMP_SYS(stat),
    SCMP_SYS(lstat),
    SCMP_SYS(fstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(statx),
    SCMP_SYS(lseek),
    SCMP_SYS(pread64),
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(getdents64),
    SCMP_SYS(getcwd),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(brk),
    SCMP_SYS(madvise),
    SCMP_SYS(futex),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(getppid),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
    SCMP_SYS(getrandom),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(uname),
    SCMP_SYS(sysinfo),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

/* No library calls these: who does has taken the process over, and it ends. */
static const int deadly[] = {
    SCMP_SYS(execve),
    SCMP_SYS(execveat),
    SCMP_SYS(fork),
    SCMP_SYS(vfork),
    SCMP_SYS(clone),
    SCMP_SYS(clone3),
    SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(kill),
    SCMP_SYS(tkill),
    SCMP_SYS(rt_sigqueueinfo),
    SCMP_SYS(rt_tgsigqueueinfo),
    SCMP_SYS(pidfd_open),
    SCMP_SYS(pidfd_getfd),
    SCMP_SYS(pidfd_send_signal),
    SCMP_SYS(bpf),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(io_uring_enter),
    SCMP_SYS(io_uring_register),
    SCMP_SYS(mount),
    SCMP_SYS(umount2),
    SCMP_SYS(pivot_root),
    SCMP_SYS(chroot),
    SCMP_SYS(unshare),
    SCMP_SYS(setns),
    SCMP_SYS(add_key),
    SCMP_SYS(request_key),
    SCMP_SYS(keyctl),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(kexec_load),
    SCMP_SYS(setuid),
    SCMP_SYS(setgid),
    SCMP_SYS(setreuid),
    SCMP_SYS(setresuid),
    SCMP_SYS(listen),
    SCMP_SYS(accept),
    SCMP_SYS(accept4),
    SCMP_SYS(process_madvise),
    SCMP_SYS(open_by_handle_at),
};

/* By no other protocol: MPTCP and SCTP pass Landlock's ports by. */
static int allow_internet(scmp_filter_ctx context)
{
    static const scmp_datum_t families[] = {AF_INET, AF_INET6}, ways[][2] = {{SOCK_STREAM, 0},
                                                                             {SOCK_STREAM, IPPROTO_TCP},
                                                                             {SOCK_DGRAM, 0},
                                                                             {SOCK_DGRAM, IPPROTO_UDP}};
    static const scmp_datum_t type_bits = ~(scmp_datum_t)(SOCK_CLOEXEC | SOCK_NONBLOCK);
    int code = 0;

    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
        for (size_t j = 0; j < sizeof ways / sizeof ways[0]; j++)
            code |=
                seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(socket), 3, SCMP_A0(SCMP_CMP_EQ, families[i]),
                                 SCMP_A1(SCMP_CMP_MASKED_EQ, type_bits, ways[j][0]), SCMP_A2(SCMP_CMP_EQ, ways[j][1]));
    return code;
}

/* Files are read: where the kernel has no Landlock, O_TRUNC alone would empty those of the user. */
static int allow_reading(scmp_filter_ctx context)
{
    static const scmp_datum_t writing = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND;
    int code =
        seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(open), 1, SCMP_A1(SCMP_CMP_MASKED_EQ, writing, O_RDONLY));

    return code | seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
                                   SCMP_A2(SCMP_CMP_MASKED_EQ, writing, O_RDONLY));
}

/* Not with MSG_FASTOPEN, which connects without a call of connect(). */
static int allow_sending(scmp_filter_ctx context)
{
    int code =
        seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(sendto), 1, SCMP_A3(SCMP_CMP_MASKED_EQ, MSG_FASTOPEN, 0));

    code |=
        seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(sendmsg), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, MSG_FASTOPEN, 0));
    code |=
        seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(sendmmsg), 1, SCMP_A3(SCMP_CMP_MASKED_EQ, MSG_FASTOPEN, 0));
    return code;
}

static int allow_sockets(scmp_filter_ctx context, bool allows_unix)
{
    static const int levels[] = {SOL_SOCKET, IPPROTO_IP, IPPROTO_TCP, IPPROTO_IPV6};
    /* The resolver asks the kernel which addresses this machine has. */
    int code = seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(socket), 2, SCMP_A0(SCMP_CMP_EQ, AF_NETLINK),
                                SCMP_A2(SCMP_CMP_EQ, 0));

    code |= allow_internet(context) | allow_sending(context);
    if (allows_unix)
        code |= seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_EQ, AF_UNIX));
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        code |= seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(setsockopt), 1,
                                 SCMP_A1(SCMP_CMP_EQ, (scmp_datum_t)levels[i]));
    return code;
}

/* Not F_SETOWN, F_SETSIG and O_ASYNC, which send signals to other processes of the user. */
static int allow_descriptors(scmp_filter_ctx context)
{
    static const scmp_datum_t commands[] = {F_GETFD, F_SETFD, F_GETFL, F_DUPFD_CLOEXEC};
    int code = seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 2, SCMP_A1(SCMP_CMP_EQ, F_SETFL),
                                SCMP_A2(SCMP_CMP_MASKED_EQ, O_ASYNC, 0));

    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        code |= seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1, SCMP_A1(SCMP_CMP_EQ, commands[i]));
    return code;
}

/* Memory is never writable and executable; files (a plugin of Connector/C) may be mapped to be executed. */
static int allow_memory(scmp_filter_ctx context)
{
    static const scmp_datum_t both = PROT_WRITE | PROT_EXEC, maps[] = {0, PROT_WRITE, PROT_EXEC};
    int code =
        seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));

    for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++)
        code |=
            seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, both, maps[i]));
    return code;
}

static int allow_some(scmp_filter_ctx context)
{
    int code = seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1, SCMP_A1(SCMP_CMP_EQ, FIONREAD));

    code |= seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1, SCMP_A1(SCMP_CMP_EQ, FIONBIO));
    /* Limits may be read. */
    code |= seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 2, SCMP_A0(SCMP_CMP_EQ, 0),
                             SCMP_A2(SCMP_CMP_EQ, 0));
    /* For abort(). */
    code |= seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, SCMP_A0(SCMP_CMP_EQ, OWN_PID));
    return code;
}

/* libseccomp 2.5 writes a filter to a file only. */
static bool export_filter(scmp_filter_ctx context, struct filter *filter)
{
    int fd = memfd_create("filter", MFD_CLOEXEC);
    ssize_t size = -1;

    if (fd >= 0 && seccomp_export_bpf(context, fd) == 0)
        size = pread(fd, filter->steps, sizeof filter->steps, 0);
    if (fd >= 0)
        close(fd);
    if (size <= 0 || (size_t)size == sizeof filter->steps)
        return false;
    filter->count = (unsigned short)((size_t)size / sizeof filter->steps[0]);
    return true;
}

static bool make_filter(enum reach reach, struct filter *filter)
{
    scmp_filter_ctx context = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    int code = context == NULL;
    bool is_made;

    if (context == NULL)
        return false;
    /* A binary tree instead of a list: the calls of a cycle are many. */
    code |= seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++)
        code |= seccomp_rule_add(context, SCMP_ACT_ALLOW, allowed[i], 0);
    for (size_t i = 0; i < sizeof deadly / sizeof deadly[0]; i++)
        code |= seccomp_rule_add(context, SCMP_ACT_KILL_PROCESS, deadly[i], 0);
    if (reach != REACH_NOTHING)
        code |= allow_sockets(context, reach == REACH_UNIX_TOO);
    code |= allow_reading(context) | allow_descriptors(context) | allow_memory(context) | allow_some(context);
    is_made = code == 0 && export_filter(context, filter);
    seccomp_release(context);
    return is_made;
}

static bool enter_filter(struct filter *filter)
{
    const struct sock_fprog program = {.len = filter->count, .filter = filter->steps};

    for (unsigned short i = 0; i < filter->count; i++)
        if (filter->steps[i].k == OWN_PID)
            filter->steps[i].k = (uint32_t)getpid();
    return prctl(PR_SET_SECCOMP, 2 /* SECCOMP_MODE_FILTER */, &program) == 0;
}

/* ---- files and ports ---- */

/* <linux/landlock.h> of Debian 12 is older than the kernels that Potto may run on. */
struct landlock_ruleset {
    uint64_t files, ports, scopes;
};
struct landlock_path {
    uint64_t access;
    int32_t fd;
} __attribute__((packed));
struct landlock_port {
    uint64_t access, port;
};
enum { LANDLOCK_PATH = 1, LANDLOCK_PORT = 2 };
enum { FILE_READ = 1 << 2, DIRECTORY_READ = 1 << 3, PORT_BIND = 1 << 0, PORT_CONNECT = 1 << 1 };
enum { SCOPE_ABSTRACT_SOCKETS = 1 << 0, SCOPE_SIGNALS = 1 << 1 };

/* What each version of Landlock can restrict, by its number. */
static const struct landlock_ruleset rulesets[] = {
    [1] = {.files = 0x1fff},
    [2] = {.files = 0x3fff},
    [3] = {.files = 0x7fff},
    [4] = {.files = 0x7fff, .ports = PORT_BIND | PORT_CONNECT},
    [5] = {.files = 0xffff, .ports = PORT_BIND | PORT_CONNECT},
    [6] = {.files = 0xffff, .ports = PORT_BIND | PORT_CONNECT, .scopes = SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS},
};
enum { LANDLOCK_NEWEST = sizeof rulesets / sizeof rulesets[0] - 1 };

/* Read-only, all of them. Files of /etc one by one, since others there may hold secrets, Potto's own too; what they are
 * links to is meant. */
static const char *const readable[] = {
    "/etc/gai.conf",
    "/etc/host.conf",
    "/etc/hosts",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/nsswitch.conf",
    "/etc/passwd",
    "/etc/protocols",
    "/etc/resolv.conf",
    "/etc/services",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/usr/lib",
    "/usr/share/zoneinfo",
    "/lib",
    "/lib64",
    "/usr/share/ca-certificates",
    "/usr/local/share/ca-certificates",
    "/usr/lib/ssl",
    "/dev/null",
    "/dev/urandom",
    "/dev/random",
#ifdef __SANITIZE_ADDRESS__
    "/proc", /* for a sanitizer's report */
#endif
};

static void allow_path(int ruleset, const char *path)
{
    struct landlock_path rule = {.access = FILE_READ | DIRECTORY_READ, .fd = open(path, O_PATH | O_CLOEXEC)};

    if (rule.fd < 0)
        return;
    if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_PATH, &rule, 0) != 0 && errno == EINVAL) {
        rule.access = FILE_READ; /* it is no directory */
        syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_PATH, &rule, 0);
    }
    close(rule.fd);
}

static void allow_port(int ruleset, int port)
{
    const struct landlock_port rule = {.access = PORT_CONNECT, .port = (uint64_t)port};

    syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_PORT, &rule, 0);
}

/* A kernel without Landlock is no obstacle: the other walls stand. */
static bool enter_landlock(const struct sandbox_needs *needs)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, 1 /* which version is there? */);
    const struct landlock_ruleset *limits;
    bool is_entered;
    int ruleset;

    if (version <= 0)
        return true;
    limits = &rulesets[version < LANDLOCK_NEWEST ? version : LANDLOCK_NEWEST];
    ruleset = (int)syscall(SYS_landlock_create_ruleset, limits, sizeof *limits, 0);
    if (ruleset < 0)
        return false;
    for (size_t i = 0; i < sizeof readable / sizeof readable[0]; i++)
        allow_path(ruleset, readable[i]);
    if (needs->ca_file != NULL)
        allow_path(ruleset, needs->ca_file);
    if (limits->ports != 0 && !needs->is_offline) {
        allow_port(ruleset, needs->port);
        allow_port(ruleset, DNS_PORT);
    }
    is_entered = syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
    close(ruleset);
    return is_entered;
}

/* ---- memory and time ---- */

static rlim_t base_bytes; /* what potto-target takes, of which a child is a copy */

static bool limit(int resource, rlim_t soft, rlim_t hard)
{
    return setrlimit(resource, &(struct rlimit){soft, hard}) == 0;
}

static bool enter_limits(int memory_mb)
{
    bool is_limited = limit(RLIMIT_CPU, CPU_S, CPU_S + 1) && limit(RLIMIT_NOFILE, FILES_MAX, FILES_MAX) &&
                      limit(RLIMIT_CORE, 0, 0) && limit(RLIMIT_NPROC, 0, 0) && limit(RLIMIT_MEMLOCK, 0, 0) &&
                      limit(RLIMIT_MSGQUEUE, 0, 0);
    /* A sanitizer takes terabytes of addresses, and writes its reports to a file. */
    (void)memory_mb;
#ifndef __SANITIZE_ADDRESS__
    rlim_t most = base_bytes + (rlim_t)memory_mb * 1024 * 1024;

    is_limited =
        is_limited && limit(RLIMIT_FSIZE, 0, 0) && limit(RLIMIT_AS, most, most) && limit(RLIMIT_DATA, most, most);
#endif
    return is_limited;
}

static rlim_t own_bytes(void)
{
    char text[64];
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof text);
    struct text rest = {text, size > 0 ? (size_t)size : 0}, first;
    int64_t pages;

    if (fd >= 0)
        close(fd);
    if (size <= 0 || !text_split(&rest, ' ', &first) || !text_to_int64(first, &pages))
        return 0;
    return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

/* Capabilities that the collector was given, to pass directories for example, are not for what follows. */
static bool drop_rights(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0, 0, 0}};

    return syscall(SYS_capset, &header, none) == 0;
}

bool sandbox_prepare(void)
{
    bool is_made = drop_rights();

    for (enum reach reach = 0; reach < REACH_COUNT; reach++)
        is_made = is_made && make_filter(reach, &filters[reach]);
    return is_made;
}

void sandbox_measure(void)
{
    base_bytes = own_bytes();
}

bool sandbox_enter(const struct sandbox_needs *needs)
{
    enum reach reach = needs->is_offline ? REACH_NOTHING : needs->allows_sockets ? REACH_UNIX_TOO : REACH_INTERNET;

    return enter_limits(needs->memory_mb) && enter_landlock(needs) && enter_filter(&filters[reach]);
}

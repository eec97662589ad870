/* memtools_ring.h - a MemTools shared ring, for C programs.
 *
 * A program that includes this header connects to a ring that New-RingBuffer -Name (or another C program's peer) made,
 * by its name or through a descriptor, and writes to it or reads from it. docs/shared-ring.md has the layout and the
 * protocol, and says why each step is as it is. Linux, C11 with the builtins of gcc and clang, x86-64 and arm64.
 *
 * Functions return 0 or more, or the negative errno. The ones of this header's own:
 *   -EBUSY       a living process has the role (one writes and one reads at a time)
 *   -EOWNERDEAD  the process at the other end died; all that it had written whole has been read
 *   -EPIPE       the ring is completed: nothing more can be written
 *   -ENODATA     the ring is completed and empty (mtr_read_record; mtr_read returns 0)
 *   -ENOBUFS     the ring is full and was made with -WhenFull Error
 *   -EMSGSIZE    the record is longer than the ring can hold, or than the buffer to read it into (it stays)
 *   -ETIMEDOUT   the time ran out
 *   -EPROTO      the memory is no ring, or damaged
 *   -ENOTSUP     this header does not do that: a ring that drops the oldest, another version, bytes from a ring of records
 *
 * One thread at a time may write, and one may read. */
#ifndef MEMTOOLS_RING_H
#define MEMTOOLS_RING_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef F_GET_SEALS
#define F_GET_SEALS 1034
#endif
#ifndef F_SEAL_SEAL
#define F_SEAL_SEAL 1
#define F_SEAL_SHRINK 2
#define F_SEAL_GROW 4
#endif

#define MTR_MAGIC 0x474E4952544D454DULL /* "MEMTRING" */
#define MTR_VERSION 1u
#define MTR_LARGEST_CAPACITY (1ULL << 40)
#define MTR_PREFIX 4u /* bytes before each record that hold its length */

enum { MTR_FUTEX_WAIT = 0, MTR_FUTEX_WAKE = 1 }; /* linux/futex.h, which musl has not */

enum mtr_mode { MTR_STREAM = 0, MTR_RECORD = 1 };
enum mtr_when_full { MTR_WAIT = 0, MTR_ERROR = 1, MTR_DROP_OLDEST = 2 };

/* Who has a role: the process in the low half of owner, one of its attachments in the high half; 0 for nobody. */
struct mtr_role {
    uint64_t owner;
    uint64_t start_time; /* of that process, field 22 of /proc/PID/stat */
};

struct mtr_oldest {
    uint64_t index;
    uint64_t records;
};

/* The first page. All numbers are of the processor's byte order; all indices count bytes, run freely and are masked on use. */
struct mtr_header {
    /* Written once, before anybody else has the memory. */
    uint64_t magic;         /*   0 */
    uint32_t version;       /*   8 */
    uint32_t header_length; /*  12: where the data begin: one page of the machine */
    uint64_t capacity;      /*  16: bytes of data, a power of two */
    uint32_t mode;          /*  24: enum mtr_mode */
    uint32_t when_full;     /*  28: enum mtr_when_full */
    uint64_t start_index;   /*  32: where all indices began */
    uint8_t reserved0[88];

    /* The producer's. */
    uint64_t producer_index;  /* 128: past the last byte that may be read; release after the bytes */
    uint64_t records_written; /* 136: before the index */
    uint64_t write_stalls;    /* 144 */
    uint8_t reserved1[104];

    /* The producer's, in rings that drop the oldest. */
    uint64_t oldest_index;           /* 256 */
    struct mtr_oldest first_oldest;  /* 264 */
    struct mtr_oldest second_oldest; /* 280 */
    uint8_t reserved2[88];

    /* The consumer's. */
    uint64_t consumer_index;  /* 384: where the next read begins; release after the bytes were copied */
    uint64_t records_read;    /* 392: before the index */
    uint64_t read_stalls;     /* 400 */
    uint64_t dropped_bytes;   /* 408 */
    uint64_t dropped_records; /* 416 */
    uint8_t reserved3[88];

    /* Written rarely, read at every operation. */
    uint32_t consumer_waits; /* 512: a futex: 1 while the consumer sleeps, or is about to */
    uint32_t producer_waits; /* 516: a futex: 1 while the producer sleeps, or is about to */
    uint32_t completed;      /* 520: 1 when nothing more will be written */
    uint32_t reserved4;
    uint64_t consumer_needs; /* 528: where the producer's index must come to for the consumer to be woken */
    uint64_t producer_needs; /* 536: where the consumer's index must come to for the producer to be woken */
    uint8_t reserved5[96];

    /* Written when a role changes hands, under flock(2) on the memory. */
    struct mtr_role producer; /* 640 */
    uint8_t reserved6[112];
    struct mtr_role consumer; /* 768 */
    uint8_t reserved7[112];

    /* Written once: who made the ring. */
    uint64_t pid_namespace;      /* 896: inode of /proc/self/ns/pid */
    uint64_t creator_start_time; /* 904 */
    uint32_t creator_process;    /* 912 */
    uint32_t reserved8;
    int64_t created_unix_ms;     /* 920 */
    uint8_t reserved9[96];
    char name[256];              /* 1024: UTF-8, ends with a zero */
};

typedef struct mtr_ring {
    struct mtr_header *header;
    uint8_t *data;     /* twice the capacity can be touched from here: whatever wraps is one run */
    uint64_t capacity; /* as verified: what the header says later is not looked at */
    uint64_t mask;
    uint32_t mode;
    uint32_t when_full;
    uint64_t seen_producer; /* the other side's index when last looked at; it only moves on */
    uint64_t seen_consumer;
    uint64_t owner; /* what this attachment writes into a role */
    int is_producer;
    int is_consumer;
    int fd;
    int entry;    /* this holder's file in the registry, locked; -1 without a name */
    int registry; /* the ring's directory there */
    int has_barrier;
    size_t length;
    char entry_name[64];
    char name[256];
} mtr_ring;

/* ---- Processes ---- */

/* Start time and state of a process from /proc/PID/stat. The name in it may hold any character: its end is the last ')'. */
static inline int mtr_process(int process, uint64_t *start, char *state, long *threads)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", process);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return -errno;
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    if (length <= 0)
        return -ESRCH;
    text[length] = 0;
    char *at = strrchr(text, ')');
    if (!at)
        return -EPROTO;
    *state = at[2];
    at += 2;
    for (int field = 3; field < 22 && at; field++) { /* at stands before field 3, the state */
        if (field == 20)
            *threads = strtol(at, NULL, 10);
        at = strchr(at, ' ');
        if (at)
            at++;
    }
    if (!at)
        return -EPROTO;
    *start = strtoull(at, NULL, 10);
    return 0;
}

/* A zombie has ended, unless only its first thread has. */
static inline int mtr_is_alive(int process, uint64_t start_time)
{
    uint64_t start = 0;
    char state = 0;
    long threads = 0;
    return process > 0 && mtr_process(process, &start, &state, &threads) == 0 && start == start_time
        && ((state != 'Z' && state != 'X') || threads > 1);
}

/* ---- Locks, which the kernel gives back when a process is killed ---- */

static inline int mtr_lock(int file)
{
    for (int i = 0; i < 5000; i++) {
        if (flock(file, LOCK_EX | LOCK_NB) == 0)
            return 0;
        if (errno != EWOULDBLOCK && errno != EINTR)
            return -errno;
        struct timespec millisecond = { 0, 1000000 };
        nanosleep(&millisecond, NULL);
    }
    return -EBUSY;
}

/* ---- Verifying and mapping ---- */

static inline int mtr_map_part(mtr_ring *ring, size_t at, size_t length, off_t offset)
{
    void *wanted = (uint8_t *)ring->header + at;
    const int flags = MAP_SHARED | MAP_FIXED | MAP_POPULATE;
    return mmap(wanted, length, PROT_READ | PROT_WRITE, flags, ring->fd, offset) == MAP_FAILED ? -errno : 0;
}

static inline int mtr_verify(int fd, struct mtr_header *header)
{
    const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
    struct stat status, space;
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    if (fstat(fd, &status))
        return -errno;
    if (!S_ISREG(status.st_mode) || (fcntl(fd, F_GET_SEALS) & seals) != seals || fcntl(fd, F_GET_SEALS) < 0)
        return -EPROTO;
    if (status.st_uid != geteuid())
        return -EPERM;
    if (pread(fd, header, sizeof *header, 0) != (ssize_t)sizeof *header || header->magic != MTR_MAGIC)
        return -EPROTO;
    if (header->version != MTR_VERSION || stat("/proc/self/ns/pid", &space) || header->pid_namespace != space.st_ino)
        return -ENOTSUP;
    uint64_t capacity = header->capacity;
    if (header->header_length != page || capacity < page || capacity > MTR_LARGEST_CAPACITY || (capacity & (capacity - 1)))
        return -EPROTO;
    if ((uint64_t)status.st_size != page + capacity || (uint64_t)status.st_blocks * 512 < page + capacity)
        return -EPROTO;
    return header->mode > MTR_RECORD || header->when_full > MTR_DROP_OLDEST ? -EPROTO : 0;
}

/* Processes that hold shared rings register for barriers that run on all of their processors (membarrier(2)). */
static inline int mtr_barrier_command(int command)
{
    return (int)syscall(SYS_membarrier, command, 0, 0);
}

enum { MTR_BARRIER_RUN = 2, MTR_BARRIER_REGISTER = 4 }; /* MEMBARRIER_CMD_[REGISTER_]GLOBAL_EXPEDITED */

/* Connects through a descriptor: one that was inherited, or came by SCM_RIGHTS, or from opening /proc/PID/fd/N for
 * reading and writing. The ring takes it over. */
static inline int mtr_attach(mtr_ring *ring, int fd)
{
    static uint32_t attachments;
    struct mtr_header header;
    memset(ring, 0, sizeof *ring);
    ring->fd = fd;
    ring->entry = ring->registry = -1;
    int result = mtr_verify(fd, &header);
    if (result)
        return result;
    ring->capacity = header.capacity;
    ring->mask = header.capacity - 1;
    ring->mode = header.mode;
    ring->when_full = header.when_full;
    ring->length = header.header_length + 2 * (size_t)header.capacity;
    void *room = mmap(NULL, ring->length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (room == MAP_FAILED)
        return -errno;
    ring->header = room;
    ring->data = (uint8_t *)room + header.header_length;
    size_t begin = header.header_length;
    if ((result = mtr_map_part(ring, 0, begin, 0)) || (result = mtr_map_part(ring, begin, ring->capacity, (off_t)begin))
        || (result = mtr_map_part(ring, begin + ring->capacity, ring->capacity, (off_t)begin))) {
        munmap(room, ring->length);
        return result;
    }
    uint32_t attachment = __atomic_add_fetch(&attachments, 1, __ATOMIC_RELAXED);
    ring->owner = (uint64_t)attachment << 32 | (uint32_t)getpid();
    ring->has_barrier = mtr_barrier_command(MTR_BARRIER_REGISTER) == 0 && mtr_barrier_command(MTR_BARRIER_RUN) == 0;
    return 0;
}

/* ---- Finding a ring by its name ---- */

/* A directory that is this user's and closed to others, opened without following a link. */
static inline int mtr_open_private(int parent, const char *name)
{
    struct stat status;
    int directory = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (directory < 0)
        return -errno;
    if (fstat(directory, &status) == 0 && status.st_uid == geteuid() && !(status.st_mode & 077))
        return directory;
    close(directory);
    return -EPERM;
}

/* $XDG_RUNTIME_DIR/memtools/rings; where the variable is not set, or not this user's, under /run/user/UID or /tmp. */
static inline int mtr_open_registry(void)
{
    char path[64];
    const char *places[2] = { getenv("XDG_RUNTIME_DIR"), path };
    int product = -ENOENT;
    snprintf(path, sizeof path, "/run/user/%u", (unsigned)geteuid());
    for (int i = 0; i < 2 && product < 0; i++) {
        struct stat status;
        int runtime = places[i] && places[i][0] == '/' ? open(places[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
        if (runtime < 0)
            continue;
        int own = fstat(runtime, &status) == 0 && status.st_uid == geteuid();
        if (own)
            product = status.st_mode & 022 ? -EPERM : mtr_open_private(runtime, "memtools");
        close(runtime);
        if (own && product < 0)
            return product;
    }
    if (product < 0) {
        snprintf(path, sizeof path, "/tmp/memtools-%u", (unsigned)geteuid());
        product = mtr_open_private(AT_FDCWD, path);
    }
    if (product < 0)
        return product;
    int rings = mtr_open_private(product, "rings");
    close(product);
    return rings;
}

/* Opens the memory through one holder: the file PROCESS.DESCRIPTOR.INODE, which the holder keeps locked while it lives. */
static inline int mtr_open_through(int directory, const char *entry)
{
    int process, number, used = 0;
    unsigned long long inode;
    char path[64];
    struct stat status;
    if (sscanf(entry, "%d.%d.%llu%n", &process, &number, &inode, &used) != 3 || entry[used])
        return -ENOENT;
    int file = openat(directory, entry, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file < 0)
        return -errno;
    int dead = flock(file, LOCK_EX | LOCK_NB) == 0;
    close(file);
    if (dead)
        return -ENOENT;
    /* Looked at first: opening some other file, a device say, could have effects. */
    snprintf(path, sizeof path, "/proc/%d/fd/%d", process, number);
    int seen = open(path, O_PATH | O_CLOEXEC);
    if (seen < 0)
        return -errno;
    int memory = -ENOENT;
    if (fstat(seen, &status) == 0 && S_ISREG(status.st_mode) && status.st_ino == inode) {
        snprintf(path, sizeof path, "/proc/self/fd/%d", seen);
        memory = open(path, O_RDWR | O_CLOEXEC);
        if (memory < 0)
            memory = -errno;
    }
    close(seen);
    return memory;
}

static inline int mtr_open_held(int directory)
{
    int result = -ENOENT;
    int copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = copy < 0 ? NULL : fdopendir(copy);
    if (!list)
        return -errno;
    for (struct dirent *entry; result < 0 && (entry = readdir(list));) {
        int memory = mtr_open_through(directory, entry->d_name);
        if (memory >= 0 || memory != -ENOENT)
            result = memory;
    }
    closedir(list);
    return result;
}

/* Enters this process as a holder: the name then lives as long as this process does, whoever made the ring. */
static inline int mtr_enter(mtr_ring *ring, int directory)
{
    struct stat status;
    if (fstat(ring->fd, &status))
        return -errno;
    snprintf(ring->entry_name, sizeof ring->entry_name, "%d.%d.%llu", (int)getpid(), ring->fd, (unsigned long long)status.st_ino);
    unlinkat(directory, ring->entry_name, 0);
    ring->entry = openat(directory, ring->entry_name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (ring->entry < 0)
        return -errno;
    ring->registry = directory;
    return flock(ring->entry, LOCK_EX | LOCK_NB) ? -errno : 0;
}

static inline void mtr_close(mtr_ring *ring);

/* Connects to the ring of that name; -ENOENT where no living process holds one. */
static inline int mtr_connect(mtr_ring *ring, const char *name)
{
    memset(ring, 0, sizeof *ring);
    ring->fd = ring->entry = ring->registry = -1;
    if (!*name || *name == '.' || strchr(name, '/') || strlen(name) >= sizeof ring->name)
        return -EINVAL;
    int registry = mtr_open_registry();
    if (registry < 0)
        return registry;
    int result = mtr_lock(registry);
    int directory = result ? -1 : openat(registry, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (!result && directory < 0)
        result = -errno;
    int memory = result ? result : mtr_open_held(directory);
    if (memory >= 0) {
        result = mtr_attach(ring, memory);
        strcpy(ring->name, name);
        if (result) {
            close(memory);
        } else if ((result = mtr_enter(ring, directory)) == 0) {
            directory = -1; /* kept, for leaving */
        } else {
            ring->registry = -1;
            mtr_close(ring);
        }
    } else {
        result = memory;
    }
    if (directory >= 0)
        close(directory);
    flock(registry, LOCK_UN);
    close(registry);
    return result;
}

/* ---- Roles ---- */

static inline int mtr_role_is_dead(struct mtr_role *role)
{
    uint64_t owner = __atomic_load_n(&role->owner, __ATOMIC_ACQUIRE);
    if (!owner || mtr_is_alive((int)(uint32_t)owner, __atomic_load_n(&role->start_time, __ATOMIC_ACQUIRE)))
        return 0;
    return __atomic_load_n(&role->owner, __ATOMIC_ACQUIRE) == owner; /* or it changed hands while it was looked at */
}

/* Takes a role that nobody has, or that a dead process has. Under the lock of the memory; given back without. */
static inline int mtr_take(mtr_ring *ring, struct mtr_role *role)
{
    char state = 0;
    long threads = 0;
    uint64_t start = 0;
    int result = mtr_process(getpid(), &start, &state, &threads);
    if (result || (result = mtr_lock(ring->fd)))
        return result;
    uint64_t owner = __atomic_load_n(&role->owner, __ATOMIC_ACQUIRE);
    if (owner && owner != ring->owner && !mtr_role_is_dead(role)) {
        result = -EBUSY;
    } else {
        __atomic_store_n(&role->owner, 0, __ATOMIC_RELEASE);
        __atomic_store_n(&role->start_time, start, __ATOMIC_RELEASE);
        __atomic_store_n(&role->owner, ring->owner, __ATOMIC_RELEASE);
    }
    flock(ring->fd, LOCK_UN);
    return result;
}

static inline void mtr_give_back(mtr_ring *ring, struct mtr_role *role)
{
    if (__atomic_load_n(&role->owner, __ATOMIC_ACQUIRE) == ring->owner)
        __atomic_store_n(&role->owner, 0, __ATOMIC_RELEASE);
}

static inline int mtr_begin_writing(mtr_ring *ring)
{
    if (ring->is_producer)
        return 0;
    if (ring->when_full == MTR_DROP_OLDEST)
        return -ENOTSUP;
    int result = mtr_take(ring, &ring->header->producer);
    if (result)
        return result;
    ring->seen_consumer = ring->header->producer_index - ring->capacity; /* no room known yet */
    ring->is_producer = 1;
    return 0;
}

static inline int mtr_begin_reading(mtr_ring *ring)
{
    if (ring->is_consumer)
        return 0;
    if (ring->when_full == MTR_DROP_OLDEST)
        return -ENOTSUP;
    int result = mtr_take(ring, &ring->header->consumer);
    if (result)
        return result;
    ring->seen_producer = ring->header->consumer_index; /* no data known yet */
    ring->is_consumer = 1;
    return 0;
}

/* ---- Sleeping and waking ---- */

static inline int64_t mtr_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* When a wait of so many milliseconds ends; -1 is never. */
static inline int64_t mtr_deadline(int milliseconds)
{
    return milliseconds < 0 ? INT64_MAX : mtr_now() + (int64_t)milliseconds * 1000000;
}

static inline void mtr_wake(uint32_t *word)
{
    __atomic_store_n(word, 0, __ATOMIC_RELEASE);
    syscall(SYS_futex, word, MTR_FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

/* Sleeps while the word is 1, for a turn at most: a peer that died wakes nobody. */
static inline int mtr_sleep(mtr_ring *ring, uint32_t *word, int64_t deadline)
{
    int64_t turn = ring->has_barrier ? 100000000 : 10000000, left = deadline - mtr_now();
    if (left <= 0)
        return -ETIMEDOUT;
    if (left > turn)
        left = turn;
    struct timespec time = { left / 1000000000, left % 1000000000 };
    syscall(SYS_futex, word, MTR_FUTEX_WAIT, 1, &time, NULL, 0);
    return 0;
}

/* The sleeper's barrier stands for that of the other side too, which has none between storing its index and looking at
 * the wait word. */
static inline void mtr_barrier(mtr_ring *ring)
{
    if (!ring->has_barrier || mtr_barrier_command(MTR_BARRIER_RUN))
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static inline int mtr_has_come(uint64_t *index, uint64_t needed)
{
    return (int64_t)(__atomic_load_n(index, __ATOMIC_ACQUIRE) - needed) >= 0;
}

static inline int mtr_is_written(mtr_ring *ring, uint64_t needed)
{
    /* The end first: all that was published before it is seen with it. */
    return __atomic_load_n(&ring->header->completed, __ATOMIC_ACQUIRE) || mtr_has_come(&ring->header->producer_index, needed);
}

static inline int mtr_is_read(mtr_ring *ring, uint64_t needed)
{
    return __atomic_load_n(&ring->header->completed, __ATOMIC_ACQUIRE) || mtr_has_come(&ring->header->consumer_index, needed);
}

static inline int mtr_wait_written(mtr_ring *ring, uint64_t needed, int64_t deadline)
{
    struct mtr_header *header = ring->header;
    int result = 0;
    __atomic_store_n(&header->read_stalls, header->read_stalls + 1, __ATOMIC_RELAXED);
    for (int i = 0; i < 1000; i++)
        if (mtr_is_written(ring, needed))
            return 0;
    while (!result) {
        __atomic_store_n(&header->consumer_needs, needed, __ATOMIC_RELEASE);
        __atomic_store_n(&header->consumer_waits, 1, __ATOMIC_RELEASE);
        mtr_barrier(ring);
        if (mtr_is_written(ring, needed))
            break;
        /* The producer may sleep until much of the ring is free; now nobody will free more. */
        if (__atomic_load_n(&header->producer_waits, __ATOMIC_ACQUIRE))
            mtr_wake(&header->producer_waits);
        if (mtr_role_is_dead(&header->producer))
            /* Looked at once more: it may have written just before it died. */
            result = mtr_is_written(ring, needed) ? 0 : -EOWNERDEAD;
        else
            result = mtr_sleep(ring, &header->consumer_waits, deadline);
        if (!result && mtr_is_written(ring, needed))
            break;
    }
    __atomic_store_n(&header->consumer_waits, 0, __ATOMIC_RELEASE);
    return result;
}

static inline int mtr_wait_read(mtr_ring *ring, uint64_t needed, int64_t deadline)
{
    struct mtr_header *header = ring->header;
    int result = 0;
    __atomic_store_n(&header->write_stalls, header->write_stalls + 1, __ATOMIC_RELAXED);
    for (int i = 0; i < 1000; i++)
        if (mtr_is_read(ring, needed))
            return 0;
    while (!result) {
        __atomic_store_n(&header->producer_needs, needed, __ATOMIC_RELEASE);
        __atomic_store_n(&header->producer_waits, 1, __ATOMIC_RELEASE);
        mtr_barrier(ring);
        if (mtr_is_read(ring, needed))
            break;
        if (mtr_role_is_dead(&header->consumer))
            result = mtr_is_read(ring, needed) ? 0 : -EOWNERDEAD;
        else
            result = mtr_sleep(ring, &header->producer_waits, deadline);
        if (!result && mtr_is_read(ring, needed))
            break;
    }
    __atomic_store_n(&header->producer_waits, 0, __ATOMIC_RELEASE);
    return result;
}

/* ---- Writing ---- */

/* Waits until so many bytes fit at the producer's index. An index in shared memory may hold anything: what is computed
 * from it is compared with the capacity before it is used. */
static inline int mtr_make_room(mtr_ring *ring, uint64_t at, uint64_t length, int64_t deadline)
{
    while (at - ring->seen_consumer > ring->capacity - length) {
        ring->seen_consumer = __atomic_load_n(&ring->header->consumer_index, __ATOMIC_ACQUIRE);
        if (at - ring->seen_consumer > ring->capacity)
            return -EPROTO;
        if (at - ring->seen_consumer <= ring->capacity - length)
            break;
        if (__atomic_load_n(&ring->header->completed, __ATOMIC_ACQUIRE))
            return -EPIPE;
        if (ring->when_full == MTR_ERROR)
            return -ENOBUFS;
        int result = mtr_wait_read(ring, at + length - ring->capacity, deadline);
        if (result)
            return result;
    }
    return __atomic_load_n(&ring->header->completed, __ATOMIC_ACQUIRE) ? -EPIPE : 0;
}

static inline void mtr_publish(mtr_ring *ring, uint64_t index)
{
    /* Release: who sees the index sees the bytes before it. */
    __atomic_store_n(&ring->header->producer_index, index, __ATOMIC_RELEASE);
    if (__atomic_load_n(&ring->header->consumer_waits, __ATOMIC_ACQUIRE) && mtr_has_come(&index, ring->header->consumer_needs))
        mtr_wake(&ring->header->consumer_waits);
}

/* Writes all of the bytes to a ring of bytes; passes them on in parts where the ring is smaller. */
static inline int mtr_write(mtr_ring *ring, const void *bytes, size_t length, int milliseconds)
{
    int64_t deadline = mtr_deadline(milliseconds);
    int result = ring->mode == MTR_STREAM ? mtr_begin_writing(ring) : -ENOTSUP;
    /* Half the ring at once, so that both sides have something to do. */
    for (const uint8_t *from = bytes; !result && length > 0;) {
        size_t part = length < ring->capacity / 2 ? length : ring->capacity / 2;
        uint64_t at = ring->header->producer_index;
        if ((result = mtr_make_room(ring, at, part, deadline)))
            break;
        memcpy(ring->data + (at & ring->mask), from, part);
        mtr_publish(ring, at + part);
        from += part;
        length -= part;
    }
    return result;
}

/* Writes one record to a ring of records, whole or not at all. */
static inline int mtr_write_record(mtr_ring *ring, const void *bytes, size_t length, int milliseconds)
{
    if (ring->mode != MTR_RECORD)
        return -ENOTSUP;
    if (length > INT32_MAX || length + MTR_PREFIX > ring->capacity)
        return -EMSGSIZE;
    int result = mtr_begin_writing(ring);
    uint64_t at = ring->header->producer_index;
    if (result || (result = mtr_make_room(ring, at, length + MTR_PREFIX, mtr_deadline(milliseconds))))
        return result;
    uint32_t prefix = (uint32_t)length;
    uint8_t *to = ring->data + (at & ring->mask);
    memcpy(to, &prefix, MTR_PREFIX);
    memcpy(to + MTR_PREFIX, bytes, length);
    __atomic_store_n(&ring->header->records_written, ring->header->records_written + 1, __ATOMIC_RELEASE);
    mtr_publish(ring, at + length + MTR_PREFIX);
    return 0;
}

/* Declares the end: readers drain what is there, then stop. */
static inline void mtr_complete(mtr_ring *ring)
{
    __atomic_store_n(&ring->header->completed, 1, __ATOMIC_RELEASE);
    mtr_wake(&ring->header->consumer_waits);
    mtr_wake(&ring->header->producer_waits);
}

/* ---- Reading ---- */

/* Waits until there is something; how much, or 0 at the end. */
static inline int64_t mtr_available(mtr_ring *ring, uint64_t at, int64_t deadline)
{
    while (ring->seen_producer == at) {
        /* The end first, as in mtr_is_written. */
        uint32_t completed = __atomic_load_n(&ring->header->completed, __ATOMIC_ACQUIRE);
        ring->seen_producer = __atomic_load_n(&ring->header->producer_index, __ATOMIC_ACQUIRE);
        if (ring->seen_producer != at)
            break;
        if (completed)
            return 0;
        int result = mtr_wait_written(ring, at + 1, deadline);
        if (result)
            return result;
    }
    uint64_t available = ring->seen_producer - at;
    return available > ring->capacity ? -EPROTO : (int64_t)available;
}

static inline void mtr_release(mtr_ring *ring, uint64_t index)
{
    /* Release: the bytes were copied before the producer can see that it may overwrite them. */
    __atomic_store_n(&ring->header->consumer_index, index, __ATOMIC_RELEASE);
    if (__atomic_load_n(&ring->header->producer_waits, __ATOMIC_ACQUIRE) && mtr_has_come(&index, ring->header->producer_needs))
        mtr_wake(&ring->header->producer_waits);
}

/* Reads as many bytes as there are, at least one and at most so many; 0 at the end. */
static inline ssize_t mtr_read(mtr_ring *ring, void *bytes, size_t length, int milliseconds)
{
    int result = ring->mode == MTR_STREAM ? mtr_begin_reading(ring) : -ENOTSUP;
    if (result || length == 0)
        return result;
    uint64_t at = ring->header->consumer_index;
    uint64_t known = ring->seen_producer - at;
    /* More may have come since it was last looked at. */
    if (known < length)
        ring->seen_producer = at;
    int64_t available = mtr_available(ring, at, mtr_deadline(milliseconds));
    if (available <= 0)
        return (ssize_t)available;
    size_t part = (uint64_t)available < length ? (size_t)available : length;
    memcpy(bytes, ring->data + (at & ring->mask), part);
    mtr_release(ring, at + part);
    return (ssize_t)part;
}

/* Reads one record; its length, or -ENODATA at the end. */
static inline ssize_t mtr_read_record(mtr_ring *ring, void *bytes, size_t length, int milliseconds)
{
    int result = ring->mode == MTR_RECORD ? mtr_begin_reading(ring) : -ENOTSUP;
    if (result)
        return result;
    uint64_t at = ring->header->consumer_index;
    int64_t available = mtr_available(ring, at, mtr_deadline(milliseconds));
    if (available <= 0)
        return available ? (ssize_t)available : -ENODATA;
    uint32_t claimed; /* read once, then checked: a peer can change it at any time */
    memcpy(&claimed, ring->data + (at & ring->mask), sizeof claimed);
    if (available < MTR_PREFIX || claimed > (uint64_t)available - MTR_PREFIX)
        return -EPROTO;
    if (claimed > length)
        return -EMSGSIZE;
    memcpy(bytes, ring->data + ((at + MTR_PREFIX) & ring->mask), claimed);
    __atomic_store_n(&ring->header->records_read, ring->header->records_read + 1, __ATOMIC_RELEASE);
    mtr_release(ring, at + MTR_PREFIX + claimed);
    return (ssize_t)claimed;
}

/* ---- Leaving ---- */

static inline void mtr_close(mtr_ring *ring)
{
    if (ring->header) {
        mtr_give_back(ring, &ring->header->producer);
        mtr_give_back(ring, &ring->header->consumer);
        munmap(ring->header, ring->length);
    }
    if (ring->registry >= 0) {
        /* Only the last one's going ends the name; who makes or connects a ring next removes an empty directory. */
        unlinkat(ring->registry, ring->entry_name, 0);
        close(ring->registry);
    }
    if (ring->entry >= 0)
        close(ring->entry);
    if (ring->fd >= 0)
        close(ring->fd);
    memset(ring, 0, sizeof *ring);
    ring->fd = ring->entry = ring->registry = -1;
}

#endif

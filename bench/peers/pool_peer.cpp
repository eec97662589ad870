// The work of the pools' benchmark as a program in C++ does it: with boost::pool, with malloc (which LD_PRELOAD may have
// replaced), or with a pointer that is moved up. Prints the seconds that the work took.
//
// pool_peer boost|malloc|bump pair|batch|threads|handover|mixed|resident SIZE COUNT
// (resident prints bytes: how much the memory of the process grew by that of mixed)
#include <atomic>
#include <boost/pool/pool.hpp>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <sched.h>
#include <thread>
#include <unistd.h>
#include <vector>

static double now()
{
    timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

// The compiler may not leave out blocks that nobody looks at.
static inline void escape(void **blocks)
{
    asm volatile("" : : "r"(blocks) : "memory");
}

// The same of a single block, by a use of it: other than a barrier, which would have boost::pool's list in memory, it leaves to
// the compiler what it keeps in registers.
static inline void use(void *block, long value)
{
    *static_cast<volatile long *>(block) = value;
}

struct Malloc
{
    explicit Malloc(size_t) {}
    void *allocate(size_t size) { return malloc(size); }
    void release(void *block) { free(block); }
    void reset() {}
};

struct Boost
{
    boost::pool<> pool;
    explicit Boost(size_t size) : pool(size) {}
    void *allocate(size_t) { return pool.malloc(); }
    void release(void *block) { pool.free(block); }
    void reset() {}
};

// Chunks of 64 KiB in a list that is gone through again after each reset.
struct Bump
{
    static const size_t chunk = 65536;
    std::vector<char *> chunks;
    size_t current = 0;
    char *at;
    char *end;

    explicit Bump(size_t) { add(); }

    void add()
    {
        if (current == chunks.size())
            chunks.push_back(static_cast<char *>(aligned_alloc(4096, chunk)));
        at = chunks[current++];
        end = at + chunk;
    }

    void *allocate(size_t size)
    {
        size = (size + 15) & ~size_t(15);
        if (size > size_t(end - at))
            add();
        void *block = at;
        at += size;
        return block;
    }

    void release(void *) {}

    void reset()
    {
        current = 0;
        add();
    }
};

static const int depth = 1024;

template <class A> static void pairs(A &pool, size_t size, long count)
{
    for (long i = 0; i < count; i++)
    {
        void *block = pool.allocate(size);
        use(block, i);
        pool.release(block);
    }
}

template <class A> static void batches(A &pool, size_t size, long count)
{
    static thread_local void *blocks[depth];
    for (long done = 0; done < count; done += depth)
    {
        for (int i = 0; i < depth; i++)
            blocks[i] = pool.allocate(size);
        escape(blocks);
        for (int i = 0; i < depth; i++)
            pool.release(blocks[i]);
        pool.reset();
    }
}

// Two threads on processors of their own that begin together; the seconds until both are done.
template <class F, class G> static double together(F first, G second)
{
    std::atomic<int> ready{0};
    auto start = [&ready](int processor, auto work) {
        return std::thread([&ready, processor, work] {
            cpu_set_t set;
            CPU_ZERO(&set);
            CPU_SET(processor, &set);
            sched_setaffinity(0, sizeof set, &set);
            ready++;
            while (ready.load() < 3)
                sched_yield();
            work();
        });
    };
    std::thread one = start(0, first), two = start(1, second);
    while (ready.load() < 2)
        sched_yield();
    double begun = now();
    ready++;
    one.join();
    two.join();
    return now() - begun;
}

// Two threads, each with blocks of its own.
static double threads(size_t size, long count)
{
    auto work = [=] {
        Malloc pool(size);
        batches(pool, size, count / 2);
    };
    return together(work, work);
}

// One thread allocates, another one releases; they look at each other's index only when they have to.
struct alignas(128) Index
{
    std::atomic<long> value{0};
};

static void *slots[depth];
static Index written, taken;

static void wait(int &spins)
{
    #if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
    if (++spins % 64 == 0)
        sched_yield();
}

static void produce(size_t size, long count)
{
    Malloc pool(size);
    long seen = 0;
    int spins = 0;
    for (long i = 0; i < count; i++)
    {
        void *block = pool.allocate(size);
        while (i - seen == depth && i - (seen = taken.value.load(std::memory_order_acquire)) == depth)
            wait(spins);
        slots[i % depth] = block;
        written.value.store(i + 1, std::memory_order_release);
    }
}

static void consume(size_t size, long count)
{
    Malloc pool(size);
    long seen = 0;
    int spins = 0;
    for (long i = 0; i < count; i++)
    {
        while (i == seen && i == (seen = written.value.load(std::memory_order_acquire)))
            wait(spins);
        pool.release(slots[i % depth]);
        taken.value.store(i + 1, std::memory_order_release);
    }
}

static double handover(size_t size, long count)
{
    return together([=] { produce(size, count); }, [=] { consume(size, count); });
}

static long resident()
{
    char text[256] = {0};
    FILE *file = fopen("/proc/self/statm", "r");
    long total, pages;
    if (!fgets(text, sizeof text, file) || sscanf(text, "%ld %ld", &total, &pages) != 2)
        abort();
    fclose(file);
    return pages * sysconf(_SC_PAGESIZE);
}

// Mixed sizes, most of them small, blocks of random age: a slot is chosen, its block released, a new one allocated.
static void mixed(long count, bool bytes)
{
    const long live = 65536;
    static void *held[live];
    Malloc pool(0);
    memset(held, 1, sizeof held);
    memset(held, 0, sizeof held);
    long before = resident();
    uint64_t random = 88172645463325252ull;
    double begun = now();
    for (long i = 0; i < count; i++)
    {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        long slot = random % live;
        // 16 to 4095 bytes; each doubling is as likely as any other.
        size_t size = (16u << ((random >> 20) & 7)) + ((random >> 32) & ((16u << ((random >> 20) & 7)) - 1));
        if (held[slot])
            pool.release(held[slot]);
        char *block = static_cast<char *>(pool.allocate(size));
        *block = 1;
        held[slot] = block;
    }
    double seconds = now() - begun;
    // One number a line: the seconds, or the bytes.
    printf("%.9f\n", bytes ? (double)(resident() - before) : seconds);
}

int main(int words, char **word)
{
    if (words != 5)
        return 2;
    const char *pattern = word[2];
    size_t size = strtoul(word[3], nullptr, 10);
    long count = strtol(word[4], nullptr, 10);
    if (!strcmp(pattern, "mixed") || !strcmp(pattern, "resident"))
    {
        mixed(count, *pattern == 'r');
        return 0;
    }

    auto run = [&](auto &&pool) {
        bool paired = !strcmp(pattern, "pair");
        auto work = [&](long operations) { paired ? pairs(pool, size, operations) : batches(pool, size, operations); };
        work(10 * depth);
        double begun = now();
        work(count);
        return now() - begun;
    };
    double seconds;
    if (!strcmp(pattern, "threads"))
        seconds = threads(size, count);
    else if (!strcmp(pattern, "handover"))
        seconds = handover(size, count);
    else if (!strcmp(word[1], "boost"))
        seconds = run(Boost(size));
    else if (!strcmp(word[1], "bump"))
        seconds = run(Bump(size));
    else
        seconds = run(Malloc(size));
    printf("%.9f\n", seconds);
}

// Queues of 8-byte items between threads, as C++ has them: boost.lockfree's two, and one of our own after rigtorp's
// published design (cached opposite index, indices on lines of their own). Writers and readers are pinned to the two
// processors in turn. Prints the seconds from the moment that all are ready to the moment that all are done.
//
//   queues KIND ITEMS CAPACITY PAIRS BATCH
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <thread>
#include <vector>

#include <sched.h>
#include <unistd.h>

#include <boost/lockfree/queue.hpp>
#include <boost/lockfree/spsc_queue.hpp>

namespace {

constexpr std::size_t line = 64;
constexpr int spins_before_yield = 64;

void relax()
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("isb" ::: "memory");
#endif
}

// Looks again after a pause; leaves the processor to others when that has not helped for a while.
class Patience {
public:
    void wait()
    {
        if (++tries_ % spins_before_yield == 0)
            sched_yield();
        else
            relax();
    }

private:
    int tries_ = 0;
};

template <typename T>
class CachedIndexQueue {
public:
    explicit CachedIndexQueue(std::size_t capacity) : slots_(capacity + 1) {}

    bool push(const T &item)
    {
        const std::size_t at = tail_.load(std::memory_order_relaxed);
        const std::size_t next = at + 1 == slots_.size() ? 0 : at + 1;
        if (next == seen_head_) {
            seen_head_ = head_.load(std::memory_order_acquire);
            if (next == seen_head_)
                return false;
        }
        slots_[at] = item;
        tail_.store(next, std::memory_order_release);
        return true;
    }

    bool pop(T &item)
    {
        const std::size_t at = head_.load(std::memory_order_relaxed);
        if (at == seen_tail_) {
            seen_tail_ = tail_.load(std::memory_order_acquire);
            if (at == seen_tail_)
                return false;
        }
        item = slots_[at];
        head_.store(at + 1 == slots_.size() ? 0 : at + 1, std::memory_order_release);
        return true;
    }

    // As many of a batch as there is room for, shown at once.
    std::size_t push(const T *items, std::size_t count)
    {
        const std::size_t at = tail_.load(std::memory_order_relaxed);
        if (room(at) < count)
            seen_head_ = head_.load(std::memory_order_acquire);
        const std::size_t some = std::min(count, room(at));
        const std::size_t straight = std::min(some, slots_.size() - at);
        std::copy_n(items, straight, slots_.begin() + at);
        std::copy_n(items + straight, some - straight, slots_.begin());
        tail_.store(after(at, some), std::memory_order_release);
        return some;
    }

    std::size_t pop(T *items, std::size_t count)
    {
        const std::size_t at = head_.load(std::memory_order_relaxed);
        if (there(at) < count)
            seen_tail_ = tail_.load(std::memory_order_acquire);
        const std::size_t some = std::min(count, there(at));
        const std::size_t straight = std::min(some, slots_.size() - at);
        std::copy_n(slots_.begin() + at, straight, items);
        std::copy_n(slots_.begin(), some - straight, items + straight);
        head_.store(after(at, some), std::memory_order_release);
        return some;
    }

private:
    std::size_t room(std::size_t at) const { return (seen_head_ > at ? 0 : slots_.size()) + seen_head_ - at - 1; }
    std::size_t there(std::size_t at) const { return (seen_tail_ >= at ? 0 : slots_.size()) + seen_tail_ - at; }
    std::size_t after(std::size_t at, std::size_t count) const
    {
        const std::size_t next = at + count;
        return next >= slots_.size() ? next - slots_.size() : next;
    }

    std::vector<T> slots_;
    alignas(line) std::atomic<std::size_t> tail_{0};
    alignas(line) std::size_t seen_head_ = 0;
    alignas(line) std::atomic<std::size_t> head_{0};
    alignas(line) std::size_t seen_tail_ = 0;
    char padding_[line - sizeof(std::size_t)];
};

void pin(int processor)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(processor % static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN)), &set);
    sched_setaffinity(0, sizeof set, &set);
}

std::atomic<int> ready{0};
std::atomic<bool> go{false};

void line_up(int processor)
{
    pin(processor);
    ready.fetch_add(1);
    while (!go.load(std::memory_order_acquire))
        sched_yield();
}

template <typename Push, typename Pop>
bool exchange(long items, int pairs, Push push, Pop pop)
{
    std::atomic<std::uint64_t> sum{0};
    std::vector<std::thread> threads;
    const long share = items / pairs;
    for (int pair = 0; pair < pairs; pair++) {
        threads.emplace_back([&, pair] {
            line_up(pair);
            push(share);
        });
        threads.emplace_back([&, pair] {
            line_up(pair + 1);
            sum += pop(share);
        });
    }
    while (ready.load() != 2 * pairs)
        sched_yield();
    const auto begun = std::chrono::steady_clock::now();
    go.store(true, std::memory_order_release);
    for (std::thread &thread : threads)
        thread.join();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    std::printf("%.9f\n", took.count());
    return sum == static_cast<std::uint64_t>(pairs) * (static_cast<std::uint64_t>(share) * (share - 1) / 2);
}

template <typename Queue>
bool exchange_single(Queue &queue, long items, int pairs)
{
    return exchange(
        items, pairs,
        [&](long share) {
            Patience patience;
            for (long i = 0; i < share; i++)
                while (!queue.push(static_cast<std::uint64_t>(i)))
                    patience.wait();
        },
        [&](long share) {
            Patience patience;
            std::uint64_t sum = 0, item = 0;
            for (long i = 0; i < share; i++) {
                while (!queue.pop(item))
                    patience.wait();
                sum += item;
            }
            return sum;
        });
}

template <typename Queue>
bool exchange_batches(Queue &queue, long items, int pairs, long batch)
{
    return exchange(
        items, pairs,
        [&](long share) {
            Patience patience;
            std::vector<std::uint64_t> buffer(batch);
            for (long i = 0; i < share; i += batch) {
                for (long j = 0; j < batch; j++)
                    buffer[j] = i + j;
                for (long done = 0; done < batch;) {
                    const long some = queue.push(buffer.data() + done, batch - done);
                    if (some == 0)
                        patience.wait();
                    done += some;
                }
            }
        },
        [&](long share) {
            Patience patience;
            std::vector<std::uint64_t> buffer(batch);
            std::uint64_t sum = 0;
            for (long i = 0; i < share;) {
                const long some = queue.pop(buffer.data(), batch);
                if (some == 0)
                    patience.wait();
                for (long j = 0; j < some; j++)
                    sum += buffer[j];
                i += some;
            }
            return sum;
        });
}

} // namespace

int main(int count, char **arguments)
{
    if (count != 6)
        return 2;
    const char *kind = arguments[1];
    const long items = std::strtol(arguments[2], nullptr, 10);
    const long capacity = std::strtol(arguments[3], nullptr, 10);
    const int pairs = std::atoi(arguments[4]);
    const long batch = std::strtol(arguments[5], nullptr, 10);
    bool right = false;
    if (std::strcmp(kind, "boost-spsc") == 0) {
        boost::lockfree::spsc_queue<std::uint64_t> queue(capacity);
        right = batch == 1 ? exchange_single(queue, items, pairs) : exchange_batches(queue, items, pairs, batch);
    } else if (std::strcmp(kind, "boost-queue") == 0) {
        boost::lockfree::queue<std::uint64_t, boost::lockfree::fixed_sized<true>> queue(capacity);
        right = exchange_single(queue, items, pairs);
    } else if (std::strcmp(kind, "cached-index") == 0) {
        CachedIndexQueue<std::uint64_t> queue(capacity);
        right = batch == 1 ? exchange_single(queue, items, pairs) : exchange_batches(queue, items, pairs, batch);
    } else {
        return 2;
    }
    return right ? 0 : 1;
}

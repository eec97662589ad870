// A ring of bytes for one writer and one reader, after the design of the Linux kernel's kfifo (lib/kfifo.c): a power of two of
// bytes, indices that run freely and are masked on use, a copy in two parts where the end is reached, the index stored with
// release after the bytes and loaded with acquire before them. Two threads, pinned to the first two processors, pass records
// of one size through it. Prints the seconds from the moment that both are ready to the moment that both are done.
//
//   kfifo plain|cached RECORDS RECORD-SIZE CAPACITY
//
// "plain" loads the other side's index at every operation, as the kernel's does; "cached" keeps the last one it saw for as
// long as that is enough.
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include <sched.h>

namespace {

constexpr std::size_t line = 128; // two cache lines: processors fetch them in pairs
constexpr int spins_before_yield = 64;

void relax()
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("isb" ::: "memory");
#endif
}

template <bool Cached>
class Kfifo {
public:
    explicit Kfifo(std::size_t capacity)
        : mask_(capacity - 1), bytes_(static_cast<unsigned char *>(std::aligned_alloc(4096, capacity)))
    {
        std::memset(bytes_, 0, capacity);
    }

    ~Kfifo() { std::free(bytes_); }

    bool in(const void *from, std::size_t count)
    {
        const std::uint64_t in = in_.load(std::memory_order_relaxed);
        if (!Cached || in - seen_out_ > size() - count) {
            seen_out_ = out_.load(std::memory_order_acquire);
            if (in - seen_out_ > size() - count)
                return false;
        }
        const std::size_t at = in & mask_;
        const std::size_t first = count < size() - at ? count : size() - at;
        std::memcpy(bytes_ + at, from, first);
        std::memcpy(bytes_, static_cast<const unsigned char *>(from) + first, count - first);
        in_.store(in + count, std::memory_order_release);
        return true;
    }

    std::size_t out(void *to, std::size_t count)
    {
        const std::uint64_t out = out_.load(std::memory_order_relaxed);
        if (!Cached || seen_in_ - out < count)
            seen_in_ = in_.load(std::memory_order_acquire);
        if (seen_in_ - out < count)
            count = seen_in_ - out;
        const std::size_t at = out & mask_;
        const std::size_t first = count < size() - at ? count : size() - at;
        std::memcpy(to, bytes_ + at, first);
        std::memcpy(static_cast<unsigned char *>(to) + first, bytes_, count - first);
        out_.store(out + count, std::memory_order_release);
        return count;
    }

private:
    std::size_t size() const { return mask_ + 1; }

    const std::size_t mask_;
    unsigned char *const bytes_;
    alignas(line) std::atomic<std::uint64_t> in_{0};
    std::uint64_t seen_out_ = 0;
    alignas(line) std::atomic<std::uint64_t> out_{0};
    std::uint64_t seen_in_ = 0;
    char padding_[line];
};

std::atomic<int> ready{0};
std::atomic<bool> go{false};

void line_up(int processor)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(processor, &set);
    sched_setaffinity(0, sizeof set, &set);
    ready.fetch_add(1);
    while (!go.load(std::memory_order_acquire))
        sched_yield();
}

template <typename Try>
void until(Try attempt)
{
    for (int tries = 1; !attempt(); tries++) {
        if (tries % spins_before_yield == 0)
            sched_yield();
        else
            relax();
    }
}

template <bool Cached>
int run(std::uint64_t records, std::size_t size, std::size_t capacity)
{
    Kfifo<Cached> ring(capacity);
    bool right = true;
    std::thread writer([&] {
        std::vector<unsigned char> record(size, 7);
        line_up(0);
        for (std::uint64_t i = 0; i < records; i++) {
            std::memcpy(record.data(), &i, sizeof i);
            until([&] { return ring.in(record.data(), size); });
        }
    });
    std::thread reader([&] {
        std::vector<unsigned char> record(size, 0);
        line_up(1);
        for (std::uint64_t i = 0; i < records; i++) {
            until([&] { return ring.out(record.data(), size) == size; });
            std::uint64_t number;
            std::memcpy(&number, record.data(), sizeof number);
            right = right && number == i;
        }
    });
    while (ready.load() != 2)
        sched_yield();
    const auto begun = std::chrono::steady_clock::now();
    go.store(true, std::memory_order_release);
    writer.join();
    reader.join();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    std::printf("%.9f\n", took.count());
    return right ? 0 : 1;
}

}

int main(int count, char **arguments)
{
    if (count != 5)
        return 2;
    const std::uint64_t records = std::strtoull(arguments[2], nullptr, 10);
    const std::size_t size = std::strtoull(arguments[3], nullptr, 10);
    const std::size_t capacity = std::strtoull(arguments[4], nullptr, 10);
    if (size < sizeof records || size > capacity || (capacity & (capacity - 1)) != 0)
        return 2;
    return std::strcmp(arguments[1], "cached") == 0 ? run<true>(records, size, capacity) : run<false>(records, size, capacity);
}

// Shared code of the benches: a seeded generator of stimuli, required coverage points, and checks that end the run.
#pragma once

#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

namespace bench {

/// The position of a run, for the message of a failed check.
struct Position {
    uint64_t seed = 0;
    uint64_t cycle = 0;
};
inline Position g_position;

[[noreturn]] inline void fail(const char* format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    std::printf("FAILED: ");
    std::vprintf(format, arguments);
    std::printf(" (seed %llu, cycle %llu)\n", (unsigned long long)g_position.seed, (unsigned long long)g_position.cycle);
    va_end(arguments);
    std::exit(1);
}

inline void check(bool holds, const char* what)
{
    if (!holds) {
        fail("%s", what);
    }
}

inline void equal(uint64_t expected, uint64_t actual, const char* what)
{
    if (expected != actual) {
        fail("%s: expected %llx, is %llx", what, (unsigned long long)expected, (unsigned long long)actual);
    }
}

/// xorshift64*: the same stimuli for the same seed on every machine.
class Random {
public:
    explicit Random(uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15ull + 0x1234567) {}

    uint64_t next()
    {
        state_ ^= state_ >> 12;
        state_ ^= state_ << 25;
        state_ ^= state_ >> 27;
        return state_ * 0x2545f4914f6cdd1dull;
    }

    /// Returns a number below `bound`.
    uint32_t below(uint32_t bound) { return (uint32_t)((next() >> 32) * bound >> 32); }

    bool percent(uint32_t chance) { return below(100) < chance; }

private:
    uint64_t state_;
};

/// The coverage points of a test plan. All are declared before the run; a point that was never hit fails the run.
class Coverage {
public:
    explicit Coverage(std::vector<std::string> points)
    {
        for (std::string& point : points) {
            hits_[point] = 0;
        }
    }

    void hit(const std::string& point, uint64_t count = 1)
    {
        auto found = hits_.find(point);
        if (found == hits_.end()) {
            fail("coverage point %s is not in the plan", point.c_str());
        }
        found->second += count;
    }

    void hit_if(bool reached, const char* point)
    {
        if (reached) {
            hit(point);
        }
    }

    /// Prints all points; returns false if one was never hit.
    bool report() const
    {
        size_t missed = 0;
        for (const auto& [point, count] : hits_) {
            std::printf("  %-44s %12llu%s\n", point.c_str(), (unsigned long long)count, count == 0 ? "  NEVER" : "");
            missed += count == 0;
        }
        std::printf("coverage: %zu of %zu points\n", hits_.size() - missed, hits_.size());
        return missed == 0;
    }

private:
    std::map<std::string, uint64_t> hits_;
};

/// How often each latency was seen, in clock cycles.
class Histogram {
public:
    void add(uint64_t cycles) { ++counts_[cycles]; }

    void print(const char* of) const
    {
        std::printf("%s, cycles: count\n", of);
        for (const auto& [cycles, count] : counts_) {
            std::printf("  %6llu: %llu\n", (unsigned long long)cycles, (unsigned long long)count);
        }
    }

    bool is_only(uint64_t cycles) const { return counts_.size() == 1 && counts_.begin()->first == cycles; }

    uint64_t largest() const { return counts_.empty() ? 0 : counts_.rbegin()->first; }

private:
    std::map<uint64_t, uint64_t> counts_;
};

/// Phases of back-pressure: none, random, and long.
class Pressure {
public:
    explicit Pressure(Random& random) : random_(random) {}

    /// Returns whether the receiver takes a result in this cycle.
    bool is_ready()
    {
        if (left_-- == 0) {
            kind_ = random_.below(4);
            left_ = 50 + random_.below(400);
        }
        return kind_ == 0 || kind_ == 3 || (kind_ == 1 && random_.percent(60)) || (kind_ == 2 && random_.percent(5));
    }

    bool is_free() const { return kind_ == 0 || kind_ == 3; }

    /// Whether messages should be short in this phase, so that more of them are in flight.
    bool is_rush() const { return kind_ == 3; }

private:
    Random& random_;
    uint32_t kind_ = 0;
    uint32_t left_ = 300;
};

/// Reads a number from the command line, `name=number`.
inline uint64_t argument(int count, char** arguments, const char* name, uint64_t otherwise)
{
    std::string prefix = std::string(name) + "=";
    for (int i = 1; i < count; ++i) {
        std::string text = arguments[i];
        if (text.rfind(prefix, 0) == 0) {
            return std::strtoull(text.c_str() + prefix.size(), nullptr, 0);
        }
    }
    return otherwise;
}

/// Prints the last line of a run.
inline int finish(const Coverage& coverage, uint64_t operations)
{
    bool covered = coverage.report();
    std::printf("%s: %llu operations, %llu cycles, seed %llu\n", covered ? "PASSED" : "FAILED: coverage", (unsigned long long)operations,
        (unsigned long long)g_position.cycle, (unsigned long long)g_position.seed);
    return covered ? 0 : 1;
}

/// Runs one rising edge. Inputs are set and outputs are read between two edges.
template <typename Top>
void edge(Top& top)
{
    top.clk = 1;
    top.eval();
    top.clk = 0;
    top.eval();
    ++g_position.cycle;
}

/// Reads and writes bytes of a wide port.
template <typename Port>
void set_bytes(Port& port, size_t offset, const uint8_t* bytes, size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        size_t at = offset + i;
        port[at / 4] = (port[at / 4] & ~(0xffu << (8 * (at % 4)))) | ((uint32_t)bytes[i] << (8 * (at % 4)));
    }
}

template <typename Port>
uint8_t get_byte(const Port& port, size_t at)
{
    return (uint8_t)(port[at / 4] >> (8 * (at % 4)));
}

template <typename Port>
uint64_t get_number(const Port& port, size_t offset, size_t count)
{
    uint64_t number = 0;
    for (size_t i = 0; i < count; ++i) {
        number |= (uint64_t)get_byte(port, offset + i) << (8 * i);
    }
    return number;
}

template <typename Port>
void set_number(Port& port, size_t offset, uint64_t number, size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        uint8_t byte = (uint8_t)(number >> (8 * i));
        set_bytes(port, offset + i, &byte, 1);
    }
}

}  // namespace bench

// Times single operations: reads the clock before and after each, and subtracts the cost of the clock.
#pragma once

#include "contender.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace peers {

// The time between two adjacent readings of the clock, in ns: the median of many.
uint64_t ClockCost();

class Samples {
public:
    explicit Samples(uint64_t count) : clock_cost_(ClockCost()) { nanos_.resize(count); }

    // Records how long operation number i took, given the clock readings before and after it.
    void Set(uint64_t i, uint64_t before, uint64_t after) {
        uint64_t nanos = after - before;
        nanos_[i] = static_cast<uint32_t>(nanos < clock_cost_ ? 0 : std::min<uint64_t>(nanos - clock_cost_, UINT32_MAX));
    }

    // Returns the samples as a round: the sum, the median and the tail. Sorts the samples. Each time is divided by
    // parts: 2 if a sample is a round trip and an operation is one half of it.
    RunResult Round(uint64_t check, double parts = 1);

private:
    uint64_t clock_cost_;
    std::vector<uint32_t> nanos_;
};

// Waits until the clock has reached a moment, and returns its reading.
inline uint64_t WaitUntil(uint64_t moment) {
    uint64_t now = NowNanos();
    while (now < moment) {
        now = NowNanos();
    }
    return now;
}

}  // namespace peers

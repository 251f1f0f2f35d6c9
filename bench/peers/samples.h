// The time of single operations: clock readings around each, with the cost of the clock taken out.
#pragma once

#include "contender.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace peers {

// What two readings of the clock with nothing between them are apart, in ns: the median of many.
uint64_t ClockCost();

class Samples {
public:
    explicit Samples(uint64_t count) : clock_cost_(ClockCost()) { nanos_.resize(count); }

    // How long operation number i took, given the readings before and after it.
    void Set(uint64_t i, uint64_t before, uint64_t after) {
        uint64_t nanos = after - before;
        nanos_[i] = static_cast<uint32_t>(nanos < clock_cost_ ? 0 : std::min<uint64_t>(nanos - clock_cost_, UINT32_MAX));
    }

    // As a round of so many operations: the sum, the median and the tail. Sorts the samples, each of which counts
    // 1/parts (a round trip of which each half is an operation has two).
    RunResult Round(uint64_t check, double parts = 1);

private:
    uint64_t clock_cost_;
    std::vector<uint32_t> nanos_;
};

// Waits until the clock has come to a moment, and returns its reading.
inline uint64_t WaitUntil(uint64_t moment) {
    uint64_t now = NowNanos();
    while (now < moment) {
        now = NowNanos();
    }
    return now;
}

}  // namespace peers

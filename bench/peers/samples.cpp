#include "samples.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace peers {

uint64_t ClockCost() {
    constexpr size_t kReadings = 100000;
    std::vector<uint64_t> apart(kReadings);
    for (uint64_t& nanos : apart) {
        uint64_t before = NowNanos();
        nanos = NowNanos() - before;
    }
    std::nth_element(apart.begin(), apart.begin() + kReadings / 2, apart.end());
    return apart[kReadings / 2];
}

RunResult Samples::Round(uint64_t check, double parts) {
    std::sort(nanos_.begin(), nanos_.end());
    // Returns the nearest rank: the smallest sample that at least this share of the samples does not exceed.
    auto at = [&](double share) { return nanos_[static_cast<size_t>(std::max(1.0, std::ceil(share * static_cast<double>(nanos_.size())))) - 1] / parts; };
    RunResult result;
    result.operations = nanos_.size();
    double sum = std::accumulate(nanos_.begin(), nanos_.end(), 0.0) / parts;
    result.elapsed_ns = std::max<uint64_t>(1, static_cast<uint64_t>(sum));
    result.check = check;
    result.percentiles = Percentiles{at(0.5), at(0.99), at(0.999)};
    return result;
}

}  // namespace peers

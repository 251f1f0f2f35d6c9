#include "contender.h"

#include <ctime>
#include <fstream>

namespace peers {

uint64_t NowNanos() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<uint64_t>(now.tv_sec) * 1000000000u + static_cast<uint64_t>(now.tv_nsec);
}

// Returns 0 if the kernel does not count the waiting. The figure is then plain elapsed time.
static uint64_t WaitedNanos() {
    std::ifstream statistics("/proc/thread-self/schedstat");
    uint64_t ran = 0;
    uint64_t waited = 0;
    return statistics >> ran >> waited ? waited : 0;
}

RoundTimer::RoundTimer() : start_(NowNanos()), waited_before_(WaitedNanos()) {}

RunResult RoundTimer::Stop(uint64_t operations) const {
    RunResult result;
    result.operations = operations;
    result.waited_ns = WaitedNanos() - waited_before_;
    result.elapsed_ns = NowNanos() - start_;
    return result;
}

}  // namespace peers

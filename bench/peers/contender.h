// The definition of a contender, and its line protocol with the harness (docs/bench-method.md):
//   contender -> "ready"                      set up, memory touched
//   harness   -> "run"                        one measured round
//   contender -> "run ops=.. ns=.. [key=..]"  the work and the time of the round
// End of input ends the process, so a contender never outlives its harness.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace peers {

struct Percentiles {
    double p50 = 0;
    double p99 = 0;
    double p999 = 0;
};

struct RunResult {
    uint64_t operations = 0;
    uint64_t elapsed_ns = 0;
    // Part of elapsed_ns in which the thread waited in the run queue; the harness subtracts it.
    uint64_t waited_ns = 0;
    // A value that only the same work gives: the harness compares it between implementations.
    uint64_t check = 0;
    // In ns, if single operations were timed.
    std::optional<Percentiles> percentiles;
    // Page faults of the measured thread, if they were counted.
    std::optional<uint64_t> page_faults;
};

class Contender {
public:
    virtual ~Contender() = default;
    virtual RunResult Run() = 0;
};

// "--name value" pairs; a missing or malformed one ends the program with a message.
class Arguments {
public:
    Arguments(int argc, char** argv, int first);
    std::string Text(const std::string& name) const;
    uint64_t Number(const std::string& name) const;

private:
    std::map<std::string, std::string> values_;
};

[[noreturn]] void Fail(const std::string& message);

// CLOCK_MONOTONIC, the clock behind .NET's Stopwatch.
uint64_t NowNanos();

// Times a round by CLOCK_MONOTONIC and by the kernel's count of how long the thread was ready but did not run. Both
// sides of a ratio measure in the same way. The count is read within the timed span, so that no waiting outside of it
// is subtracted.
class RoundTimer {
public:
    RoundTimer();
    RunResult Stop(uint64_t operations) const;

private:
    uint64_t start_;
    uint64_t waited_before_;
};

using Make = std::unique_ptr<Contender> (*)(const Arguments&);

// Each source file registers its commands when the program starts, so a file that is not linked in is not listed.
class Registration {
public:
    Registration(const char* command, Make make);
};

}  // namespace peers

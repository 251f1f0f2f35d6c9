// Several threads that begin at one moment, each on a processor to itself.
#pragma once

#include "contender.h"

#include <functional>
#include <vector>

namespace peers {

// Runs work(0) ... work(count - 1), each on a thread bound to a processor of its own (unbound where the process may
// use fewer than count), and returns what each returned, in order.
std::vector<RunResult> RunTogether(unsigned count, const std::function<RunResult(unsigned)>& work);

// As one round of all: operations and checks are added, times are the mean of the threads.
RunResult Combined(const std::vector<RunResult>& parts);

// Tells the processor that this is a loop of waiting, so many times.
void Pause(unsigned times);

}  // namespace peers

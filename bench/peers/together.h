// Several threads that start at the same moment, each on its own processor.
#pragma once

#include "contender.h"

#include <functional>
#include <vector>

namespace peers {

// Runs work(0) ... work(count - 1), each on a thread bound to its own processor (unbound if the process may
// use fewer than count), and returns their results, in order.
std::vector<RunResult> RunTogether(unsigned count, const std::function<RunResult(unsigned)>& work);

// Combines the parts into one round: operations and checks are added, times are the mean of the threads.
RunResult Combined(const std::vector<RunResult>& parts);

// Executes this many pause instructions, which tell the processor that this is a spin loop.
void Pause(unsigned times);

}  // namespace peers

#include "together.h"

#include <atomic>
#include <pthread.h>
#include <sched.h>
#include <thread>

namespace peers {

namespace {

std::vector<int> AllowedProcessors() {
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    std::vector<int> processors;
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
        for (int i = 0; i < CPU_SETSIZE; i++) {
            if (CPU_ISSET(i, &allowed)) {
                processors.push_back(i);
            }
        }
    }
    return processors;
}

void Bind(int processor) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(processor, &one);
    pthread_setaffinity_np(pthread_self(), sizeof one, &one);
}

}  // namespace

void Pause(unsigned times) {
    for (unsigned i = 0; i < times; i++) {
#if defined(__x86_64__)
        __builtin_ia32_pause();
#elif defined(__aarch64__)
        asm volatile("yield");
#endif
    }
}

std::vector<RunResult> RunTogether(unsigned count, const std::function<RunResult(unsigned)>& work) {
    std::vector<int> processors = AllowedProcessors();
    std::vector<RunResult> results(count);
    std::vector<std::thread> threads;
    std::atomic<unsigned> arrived{0};
    for (unsigned i = 0; i < count; i++) {
        threads.emplace_back([&, i] {
            if (processors.size() >= count) {
                Bind(processors[i]);
            }
            arrived.fetch_add(1);
            while (arrived.load() < count) {
                Pause(1);
            }
            results[i] = work(i);
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    return results;
}

RunResult Combined(const std::vector<RunResult>& parts) {
    RunResult whole;
    for (const RunResult& part : parts) {
        whole.operations += part.operations;
        whole.check += part.check;
        whole.elapsed_ns += part.elapsed_ns / parts.size();
        whole.waited_ns += part.waited_ns / parts.size();
    }
    return whole;
}

}  // namespace peers

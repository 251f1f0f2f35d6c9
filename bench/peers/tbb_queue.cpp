// tbb::concurrent_bounded_queue of 64-byte messages, a writer and a reader on two processors. Neither durable nor visible
// to another process.
#include "together.h"

#include <array>
#include <tbb/concurrent_queue.h>

namespace peers {

namespace {

class TbbQueue final : public Contender {
public:
    explicit TbbQueue(const Arguments& arguments) : messages_(arguments.Number("messages")) {
        queue_.set_capacity(static_cast<std::ptrdiff_t>(arguments.Number("window")));
    }

    RunResult Run() override {
        return RunTogether(2, [this](unsigned thread) { return thread == 0 ? Write() : Read(); })[1];
    }

private:
    using Message = std::array<uint64_t, 8>;

    RunResult Write() {
        Message message{};
        for (uint64_t i = 0; i < messages_; i++) {
            message.front() = message.back() = written_++;
            while (!queue_.try_push(message)) {
                Pause(16);
            }
        }
        return {};
    }

    RunResult Read() {
        Message message{};
        uint64_t sum = 0;
        RoundTimer timer;
        for (uint64_t i = 0; i < messages_; i++) {
            while (!queue_.try_pop(message)) {
                Pause(16);
            }
            sum += message.front() + message.back();
        }
        RunResult result = timer.Stop(messages_);
        result.check = sum;
        return result;
    }

    uint64_t messages_;
    tbb::concurrent_bounded_queue<Message> queue_;
    uint64_t written_ = 0;
};

const Registration registration("tbb-handoff", [](const Arguments& arguments) -> std::unique_ptr<Contender> {
    return std::make_unique<TbbQueue>(arguments);
});

}  // namespace

}  // namespace peers

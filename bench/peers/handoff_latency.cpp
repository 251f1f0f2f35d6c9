// Floors of `handoff-latency`. `line-transfer`: one cache line goes to the other processor and back; half of that time is
// one transfer. `handoff-latency`: a frame of a log goes in one direction, as the product's messages do.
#include "handoff.h"
#include "samples.h"

namespace peers {

namespace {

class LineTransfer final : public Contender {
public:
    explicit LineTransfer(const Arguments& arguments)
        : messages_(arguments.Number("messages")), interval_ns_(arguments.Number("interval-ns")), samples_(messages_) {}

    RunResult Run() override {
        RunTogether(2, [this](unsigned thread) { return thread == 0 ? Serve() : Return(); });
        return samples_.Round(messages_, 2);
    }

private:
    RunResult Serve() {
        uint64_t due = NowNanos();
        for (uint64_t i = 0; i < messages_; i++) {
            uint64_t before = WaitUntil(due);
            due = before + interval_ns_;  // a late message does not speed up the next one
            __atomic_store_n(&line_, 2 * i + 1, __ATOMIC_RELEASE);
            while (__atomic_load_n(&line_, __ATOMIC_ACQUIRE) != 2 * i + 2) {
            }
            samples_.Set(i, before, NowNanos());
        }
        return {};
    }

    RunResult Return() {
        for (uint64_t i = 0; i < messages_; i++) {
            while (__atomic_load_n(&line_, __ATOMIC_ACQUIRE) != 2 * i + 1) {
            }
            __atomic_store_n(&line_, 2 * i + 2, __ATOMIC_RELEASE);
        }
        return {};
    }

    uint64_t messages_;
    uint64_t interval_ns_;
    Samples samples_;
    alignas(128) uint64_t line_ = 0;
    alignas(128) uint8_t behind_line_[64];
};

class FrameTransfer final : public Contender {
public:
    explicit FrameTransfer(const Arguments& arguments)
        : messages_(arguments.Number("messages")),
          interval_ns_(arguments.Number("interval-ns")),
          samples_(messages_),
          ring_(arguments.Text("data"), arguments.Number("window")) {}

    RunResult Run() override {
        RunTogether(2, [this](unsigned thread) { return thread == 0 ? Write() : Read(); });
        first_ += messages_;
        return samples_.Round(messages_);
    }

private:
    RunResult Write() {
        alignas(64) uint8_t source[kPayloadBytes] = {};
        uint64_t due = NowNanos();
        for (uint64_t i = 0; i < messages_; i++) {
            uint64_t stamp = WaitUntil(due);
            due = stamp + interval_ns_;
            uint8_t* frame = Frame(i);
            std::memcpy(source, &stamp, sizeof stamp);
            std::memcpy(frame + kHeaderBytes, source, kPayloadBytes);
            HandoffRing::Publish(frame, Lap(i));
        }
        return {};
    }

    RunResult Read() {
        for (uint64_t i = 0; i < messages_; i++) {
            const uint8_t* frame = Frame(i);
            uint64_t lap = Lap(i);
            while (!HandoffRing::IsThere(frame, lap)) {
            }
            uint64_t stamp = 0;
            std::memcpy(&stamp, frame + kHeaderBytes, sizeof stamp);
            samples_.Set(i, stamp, NowNanos());
        }
        return {};
    }

    uint8_t* Frame(uint64_t i) const { return ring_.Frame((first_ + i) % ring_.Frames()); }

    uint64_t Lap(uint64_t i) const { return (first_ + i) / ring_.Frames() + 1; }

    uint64_t messages_;
    uint64_t interval_ns_;
    Samples samples_;
    HandoffRing ring_;
    uint64_t first_ = 0;
};

const Registration line("line-transfer", [](const Arguments& arguments) -> std::unique_ptr<Contender> {
    return std::make_unique<LineTransfer>(arguments);
});

const Registration frame("handoff-latency", [](const Arguments& arguments) -> std::unique_ptr<Contender> {
    return std::make_unique<FrameTransfer>(arguments);
});

}  // namespace

}  // namespace peers

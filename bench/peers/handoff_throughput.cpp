// Floor of `handoff-throughput`: a writer and a reader on two processors. Every message is published separately, or a batch
// is published by the header of its first frame, which is stored last. As a log, the ring is as large as the retained segments
// of an Estream queue, and each frame also has a sequence number and a time.
#include "handoff.h"

namespace peers {

namespace {

template <bool kIsLog>
class HandoffThroughput final : public Contender {
public:
    explicit HandoffThroughput(const Arguments& arguments)
        : messages_(arguments.Number("messages")),
          batch_(arguments.Number("batch")),
          backoff_(static_cast<unsigned>(arguments.Number("backoff"))),
          ring_(arguments.Text("data"), arguments.Number("window"), kIsLog ? arguments.Number("log-frames") : 0,
                kHeader + kPayloadBytes) {}

    RunResult Run() override {
        std::vector<RunResult> both =
            RunTogether(2, [this](unsigned thread) { return thread == 0 ? Write() : Read(); });
        RunResult whole = both[1];
        whole.waited_ns = std::max(both[0].waited_ns, both[1].waited_ns);
        return whole;
    }

private:
    static constexpr size_t kHeader = kIsLog ? 2 * kHeaderBytes : kHeaderBytes;

    RunResult Write() {
        alignas(64) uint8_t source[kPayloadBytes] = {};
        RoundTimer timer;
        for (uint64_t left = messages_; left > 0;) {
            uint64_t count = std::min(left, std::max<uint64_t>(batch_, kRoomCheck));
            ring_.WaitForRoom(written_, count);
            for (uint64_t i = 0; i < count; i += batch_) {
                WriteBatch(std::min(batch_, count - i), source);
            }
            left -= count;
        }
        return timer.Stop(messages_);
    }

    void WriteBatch(uint64_t count, uint8_t* source) {
        uint8_t* first = ring_.Frame(write_index_);
        uint64_t first_lap = write_lap_;
        for (uint64_t i = 0; i < count; i++) {
            uint8_t* frame = ring_.Frame(write_index_);
            std::memcpy(source, &written_, sizeof written_);
            std::memcpy(source + kPayloadBytes - sizeof written_, &written_, sizeof written_);
            asm volatile("" : "+m"(*reinterpret_cast<uint8_t(*)[kPayloadBytes]>(source)));
            if constexpr (kIsLog) {
                std::memcpy(frame + kHeaderBytes, &written_, sizeof written_);
            }
            std::memcpy(frame + kHeader, source, kPayloadBytes);
            if (i > 0) {
                HandoffRing::Publish(frame, write_lap_);
            }
            written_++;
            if (++write_index_ == ring_.Frames()) {
                write_index_ = 0;
                write_lap_++;
            }
        }
        HandoffRing::Publish(first, first_lap);
    }

    RunResult Read() {
        uint64_t sum = 0;
        RoundTimer timer;
        for (uint64_t left = messages_; left > 0;) {
            uint64_t count = ReadSome(std::min(left, kRoomCheck), sum);
            if (count == 0) {
                Pause(backoff_);
                continue;
            }
            left -= count;
            taken_ += count;
            ring_.Taken(taken_);
        }
        RunResult result = timer.Stop(messages_);
        result.check = sum;
        return result;
    }

    uint64_t ReadSome(uint64_t most, uint64_t& sum) {
        uint64_t index = read_index_;
        uint64_t lap = read_lap_;
        uint64_t count = 0;
        for (; count < most; count++) {
            const uint8_t* frame = ring_.Frame(index);
            if (!HandoffRing::IsThere(frame, lap)) {
                break;
            }
            uint64_t first = 0;
            uint64_t last = 0;
            std::memcpy(&first, frame + kHeader, 8);
            std::memcpy(&last, frame + kHeader + kPayloadBytes - 8, 8);
            sum += first + last;
            if (++index == ring_.Frames()) {
                index = 0;
                lap++;
            }
        }
        read_index_ = index;
        read_lap_ = lap;
        return count;
    }

    static constexpr uint64_t kRoomCheck = 1024;

    uint64_t messages_;
    uint64_t batch_;
    unsigned backoff_;
    HandoffRing ring_;
    alignas(128) uint64_t written_ = 0;
    uint64_t write_index_ = 0;
    uint64_t write_lap_ = 1;
    alignas(128) uint64_t taken_ = 0;
    uint64_t read_index_ = 0;
    uint64_t read_lap_ = 1;
};

template <bool kIsLog>
std::unique_ptr<Contender> Make(const Arguments& arguments) {
    return std::make_unique<HandoffThroughput<kIsLog>>(arguments);
}

const Registration registrations[] = {
    {"handoff-throughput", Make<false>},
    {"handoff-throughput-log", Make<true>},
};

}  // namespace

}  // namespace peers

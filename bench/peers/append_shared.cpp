// Floor of `append-shared`: as `append`, but one atomic addition to a tail shared by all writers reserves a message's
// position. The segments follow each other in one file, so that a writer needs only the position.
#include "contender.h"
#include "frame_log.h"
#include "together.h"

#include <cstring>

namespace peers {

namespace {

class AppendShared final : public Contender {
public:
    explicit AppendShared(const Arguments& arguments)
        : writers_(static_cast<unsigned>(arguments.Number("writers"))),
          messages_(arguments.Number("messages") / writers_),
          ring_bytes_(arguments.Number("segment-bytes") * arguments.Number("segments") / kFrameBytes * kFrameBytes),
          log_(arguments.Text("data"), ring_bytes_, 1),
          stamps_(writers_) {}

    RunResult Run() override {
        return Combined(RunTogether(writers_, [this](unsigned writer) { return Write(writer); }));
    }

private:
    // Everything but the payload and the shared tail is in registers.
    RunResult Write(unsigned writer) {
        alignas(64) uint8_t source[kPayloadBytes];
        for (size_t i = 0; i < kPayloadBytes; i++) {
            source[i] = static_cast<uint8_t>(i);
        }
        uint8_t* ring = log_.Segment(0);
        uint64_t lap = __atomic_load_n(&tail_, __ATOMIC_RELAXED) / ring_bytes_ * ring_bytes_;
        uint64_t stamp = stamps_[writer].value;
        uint8_t* frame = nullptr;
        RoundTimer timer;
        for (uint64_t i = 0; i < messages_; i++) {
            std::memcpy(source, &stamp, sizeof stamp);
            stamp++;
            asm volatile("" : "+m"(source));  // from memory, as in append.cpp
            uint64_t offset = __atomic_fetch_add(&tail_, kFrameBytes, __ATOMIC_SEQ_CST) - lap;
            while (offset >= ring_bytes_) {
                offset -= ring_bytes_;
                lap += ring_bytes_;
            }
            frame = ring + offset;
            std::memcpy(frame + kHeaderBytes, source, kPayloadBytes);
            __atomic_store_n(reinterpret_cast<uint64_t*>(frame), static_cast<uint64_t>(kPayloadBytes), __ATOMIC_RELEASE);
        }
        RunResult result = timer.Stop(messages_);
        stamps_[writer].value = stamp;
        std::memcpy(&result.check, frame + kHeaderBytes, sizeof result.check);
        return result;
    }

    struct alignas(64) Stamp {
        uint64_t value = 0;
    };

    unsigned writers_;
    uint64_t messages_;
    uint64_t ring_bytes_;
    FrameLog log_;
    std::vector<Stamp> stamps_;
    alignas(128) uint64_t tail_ = 0;
    alignas(128) uint8_t behind_tail_[64];
};

const Registration registration("append-shared", [](const Arguments& arguments) -> std::unique_ptr<Contender> {
    return std::make_unique<AppendShared>(arguments);
});

}  // namespace

}  // namespace peers

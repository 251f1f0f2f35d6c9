// Floor of `append`: copies 64 bytes after an 8-byte header and publishes the header with a release store, into
// segments that are already mapped and touched, used in a ring (recycled).
#include "contender.h"
#include "frame_log.h"

#include <cstdint>
#include <cstring>

namespace peers {

namespace {

class Append final : public Contender {
public:
    explicit Append(const Arguments& arguments)
        : log_(arguments.Text("data"), arguments.Number("segment-bytes"), arguments.Number("segments")),
          messages_(arguments.Number("messages")) {
        for (size_t i = 0; i < kPayloadBytes; i++) {
            source_[i] = static_cast<uint8_t>(i);
        }
    }

    // Everything but the payload is in registers: a floor keeps nothing in memory unless it must.
    RunResult Run() override {
        RoundTimer timer;
        uint64_t stamp = stamp_;
        uint8_t* frame = frame_;
        const uint8_t* end = end_;
        for (uint64_t i = 0; i < messages_; i++) {
            std::memcpy(source_, &stamp, sizeof stamp);
            stamp++;
            // The payload is loaded from memory, as for every user of a log: without this the compiler
            // would keep it in a register and omit the load. This applies only to the payload.
            asm volatile("" : "+m"(source_));
            if (frame == end) {
                frame = NextSegment();
                end = end_;
            }
            std::memcpy(frame + kHeaderBytes, source_, kPayloadBytes);
            __atomic_store_n(reinterpret_cast<uint64_t*>(frame), static_cast<uint64_t>(kPayloadBytes), __ATOMIC_RELEASE);
            frame += kFrameBytes;
        }
        stamp_ = stamp;
        frame_ = frame;
        RunResult result = timer.Stop(messages_);
        result.check = LastStamp();
        return result;
    }

private:
    uint8_t* NextSegment() {
        segment_ = segment_ + 1 < log_.SegmentCount() ? segment_ + 1 : 0;
        uint8_t* first = log_.Segment(segment_);
        end_ = first + log_.FramesPerSegment() * kFrameBytes;
        return first;
    }

    uint64_t LastStamp() const {
        uint64_t stamp = 0;
        std::memcpy(&stamp, frame_ - kFrameBytes + kHeaderBytes, sizeof stamp);
        return stamp;
    }

    FrameLog log_;
    uint64_t messages_;
    uint64_t stamp_ = 0;
    size_t segment_ = SIZE_MAX;  // before the first segment
    uint8_t* frame_ = nullptr;
    const uint8_t* end_ = nullptr;
    alignas(64) uint8_t source_[kPayloadBytes];
};

const Registration registration("append", [](const Arguments& arguments) -> std::unique_ptr<Contender> {
    return std::make_unique<Append>(arguments);
});

}  // namespace

}  // namespace peers

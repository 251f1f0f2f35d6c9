// Floor of `append`: copy 64 bytes behind an 8-byte header, publish the header with a release store, into
// segments that are already mapped and touched, used in a ring (recycled).
#include "contender.h"
#include "frame_log.h"

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

    RunResult Run() override {
        RoundTimer timer;
        for (uint64_t i = 0; i < messages_; i++) {
            std::memcpy(source_, &stamp_, sizeof stamp_);
            stamp_++;
            // The payload comes from memory, as it does for every user of a log: without this the compiler
            // would keep it in a register and leave out the load.
            asm volatile("" : : "r"(source_) : "memory");
            Publish();
        }
        RunResult result = timer.Stop(messages_);
        result.check = LastStamp();
        return result;
    }

private:
    void Publish() {
        if (frame_ == log_.FramesPerSegment()) {
            frame_ = 0;
            segment_ = segment_ + 1 == log_.SegmentCount() ? 0 : segment_ + 1;
        }
        uint8_t* frame = log_.Segment(segment_) + frame_ * kFrameBytes;
        std::memcpy(frame + kHeaderBytes, source_, kPayloadBytes);
        __atomic_store_n(reinterpret_cast<uint64_t*>(frame), static_cast<uint64_t>(kPayloadBytes), __ATOMIC_RELEASE);
        frame_++;
    }

    uint64_t LastStamp() const {
        uint64_t stamp = 0;
        std::memcpy(&stamp, log_.Segment(segment_) + (frame_ - 1) * kFrameBytes + kHeaderBytes, sizeof stamp);
        return stamp;
    }

    FrameLog log_;
    uint64_t messages_;
    uint64_t stamp_ = 0;
    size_t segment_ = 0;
    size_t frame_ = 0;
    alignas(64) uint8_t source_[kPayloadBytes];
};

}  // namespace

std::unique_ptr<Contender> MakeAppend(const Arguments& arguments) {
    return std::make_unique<Append>(arguments);
}

}  // namespace peers

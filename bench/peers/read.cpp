// Floor of `read`: reads a filled log frame by frame: loads the header with acquire, and reads the first and the
// last word of the payload.
#include "contender.h"
#include "frame_log.h"

#include <cstring>

namespace peers {

namespace {

class Read final : public Contender {
public:
    explicit Read(const Arguments& arguments)
        : messages_(arguments.Number("messages")),
          passes_(arguments.Number("passes")),
          log_(arguments.Text("data"), arguments.Number("segment-bytes"),
               SegmentsFor(messages_, arguments.Number("segment-bytes"))) {
        for (uint64_t i = 0; i < messages_; i++) {
            uint8_t* frame = Frame(i);
            uint64_t words[kPayloadBytes / 8];
            for (uint64_t& word : words) {
                word = i;
            }
            std::memcpy(frame + kHeaderBytes, words, kPayloadBytes);
            __atomic_store_n(reinterpret_cast<uint64_t*>(frame), static_cast<uint64_t>(kPayloadBytes), __ATOMIC_RELEASE);
        }
    }

    RunResult Run() override {
        uint64_t sum = 0;
        uint64_t count = 0;
        RoundTimer timer;
        for (uint64_t pass = 0; pass < passes_; pass++) {
            for (size_t segment = 0; segment < log_.SegmentCount(); segment++) {
                count += ReadSegment(log_.Segment(segment), sum);
            }
        }
        RunResult result = timer.Stop(count);
        result.check = sum;
        return result;
    }

private:
    static size_t SegmentsFor(uint64_t messages, uint64_t segment_bytes) {
        uint64_t per_segment = segment_bytes / kFrameBytes;
        return (messages + per_segment - 1) / per_segment;
    }

    uint8_t* Frame(uint64_t index) const {
        uint64_t per_segment = log_.FramesPerSegment();
        return log_.Segment(index / per_segment) + (index % per_segment) * kFrameBytes;
    }

    uint64_t ReadSegment(const uint8_t* frame, uint64_t& sum) const {
        uint64_t count = 0;
        for (; count < log_.FramesPerSegment(); count++, frame += kFrameBytes) {
            uint64_t length = __atomic_load_n(reinterpret_cast<const uint64_t*>(frame), __ATOMIC_ACQUIRE);
            if (length == 0) {
                break;
            }
            uint64_t first = 0;
            uint64_t last = 0;
            std::memcpy(&first, frame + kHeaderBytes, 8);
            std::memcpy(&last, frame + kHeaderBytes + length - 8, 8);
            sum += first + last;
        }
        return count;
    }

    uint64_t messages_;
    uint64_t passes_;
    FrameLog log_;
};

const Registration registration("read", [](const Arguments& arguments) -> std::unique_ptr<Contender> {
    return std::make_unique<Read>(arguments);
});

}  // namespace

}  // namespace peers

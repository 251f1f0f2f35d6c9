// Floor of `append-shared`: as `append`, but one atomic addition to a tail shared by all writers reserves a message's
// position. The segments follow each other in one file, so that a writer needs only the position.
// With claims, a writer also executes the steps that let another process complete or skip the message of a killed writer
// (docs/formats/queue.md, "How several writers append"). Each frame then also has a sequence number and a time.
#include "contender.h"
#include "frame_log.h"
#include "together.h"

#include <cstring>

namespace peers {

namespace {

template <bool kHasClaims>
class AppendShared final : public Contender {
public:
    explicit AppendShared(const Arguments& arguments)
        : writers_(static_cast<unsigned>(arguments.Number("writers"))),
          messages_(arguments.Number("messages") / writers_),
          ring_bytes_(arguments.Number("segment-bytes") * arguments.Number("segments") / kStride * kStride),
          log_(arguments.Text("data"), ring_bytes_, 1),
          stamps_(writers_) {}

    RunResult Run() override {
        return Combined(RunTogether(writers_, [this](unsigned writer) { return Write(writer); }));
    }

private:
    static constexpr size_t kHeader = kHasClaims ? 2 * kHeaderBytes : kHeaderBytes;
    static constexpr size_t kStride = kHeader + kPayloadBytes;
    static constexpr uint64_t kClaiming = uint64_t{1} << 63;
    static constexpr uint64_t kClaim = uint64_t{1} << 62;

    // Everything but the payload, the shared tail and the announced claim is in registers.
    RunResult Write(unsigned writer) {
        alignas(64) uint8_t source[kPayloadBytes];
        for (size_t i = 0; i < kPayloadBytes; i++) {
            source[i] = static_cast<uint8_t>(i);
        }
        uint8_t* ring = log_.Segment(0);
        uint64_t lap = __atomic_load_n(&tail_, __ATOMIC_RELAXED) / ring_bytes_ * ring_bytes_;
        uint64_t stamp = stamps_[writer].value;
        uint64_t* announced = &stamps_[writer].announced;
        uint64_t now = stamp;
        uint8_t* frame = nullptr;
        RoundTimer timer;
        for (uint64_t i = 0; i < messages_; i++) {
            std::memcpy(source, &stamp, sizeof stamp);
            stamp++;
            asm volatile("" : "+m"(source));  // from memory, as in append.cpp
            if constexpr (kHasClaims) {
                __atomic_store_n(announced, __atomic_load_n(announced, __ATOMIC_ACQUIRE) | kClaiming, __ATOMIC_RELEASE);
            }
            uint64_t position = __atomic_fetch_add(&tail_, kStride, __ATOMIC_SEQ_CST);
            uint64_t offset = position - lap;
            while (offset >= ring_bytes_) {
                offset -= ring_bytes_;
                lap += ring_bytes_;
            }
            frame = ring + offset;
            if constexpr (kHasClaims) {
                __atomic_store_n(reinterpret_cast<uint64_t*>(frame), kClaim | uint64_t{writer} << 32 | kStride, __ATOMIC_RELAXED);
                __atomic_store_n(announced, position, __ATOMIC_RELEASE);
                uint64_t number_and_time = position / kStride << 32 | now;
                std::memcpy(frame + kHeaderBytes, &number_and_time, sizeof number_and_time);
            }
            std::memcpy(frame + kHeader, source, kPayloadBytes);
            __atomic_store_n(reinterpret_cast<uint64_t*>(frame), static_cast<uint64_t>(kPayloadBytes), __ATOMIC_RELEASE);
        }
        RunResult result = timer.Stop(messages_);
        stamps_[writer].value = stamp;
        std::memcpy(&result.check, frame + kHeader, sizeof result.check);
        return result;
    }

    struct alignas(64) Stamp {
        uint64_t value = 0;
        uint64_t announced = 0;
    };

    unsigned writers_;
    uint64_t messages_;
    uint64_t ring_bytes_;
    FrameLog log_;
    std::vector<Stamp> stamps_;
    alignas(128) uint64_t tail_ = 0;
    alignas(128) uint8_t behind_tail_[64];
};

template <bool kHasClaims>
std::unique_ptr<Contender> Make(const Arguments& arguments) {
    return std::make_unique<AppendShared<kHasClaims>>(arguments);
}

const Registration registrations[] = {
    {"append-shared", Make<false>},
    {"append-shared-claims", Make<true>},
};

}  // namespace

}  // namespace peers

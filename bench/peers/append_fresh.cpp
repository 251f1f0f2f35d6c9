// Floor of `append-fresh`: as `append`, but every segment is a new file that is created and mapped when it is needed, and
// each message is timed from the call to the return. Shows the cost of new pages for a writer that touches them itself.
#include "contender.h"
#include "frame_log.h"
#include "samples.h"

#include <cstring>
#include <deque>
#include <sys/resource.h>

namespace peers {

namespace {

uint64_t PageFaults() {
    rusage usage{};
    getrusage(RUSAGE_THREAD, &usage);
    return static_cast<uint64_t>(usage.ru_minflt + usage.ru_majflt);
}

class AppendFresh final : public Contender {
public:
    explicit AppendFresh(const Arguments& arguments)
        : directory_(arguments.Text("data")),
          segment_bytes_(arguments.Number("segment-bytes")),
          messages_(arguments.Number("messages")),
          interval_ns_(arguments.Number("interval-ns")),
          samples_(messages_) {
        for (size_t i = 0; i < kPayloadBytes; i++) {
            source_[i] = static_cast<uint8_t>(i);
        }
    }

    RunResult Run() override {
        segments_.clear();
        NextSegment();
        uint64_t faults = PageFaults();
        uint64_t due = NowNanos();
        for (uint64_t i = 0; i < messages_; i++) {
            due += interval_ns_;
            std::memcpy(source_, &stamp_, sizeof stamp_);
            stamp_++;
            uint64_t before = WaitUntil(due);
            Append();
            samples_.Set(i, before, NowNanos());
        }
        faults = PageFaults() - faults;
        uint64_t last = 0;
        std::memcpy(&last, frame_ - kFrameBytes + kHeaderBytes, sizeof last);
        RunResult result = samples_.Round(last);
        result.page_faults = faults;
        return result;
    }

private:
    void Append() {
        asm volatile("" : "+m"(source_));  // from memory, as in append.cpp
        if (frame_ == end_) {
            NextSegment();
        }
        std::memcpy(frame_ + kHeaderBytes, source_, kPayloadBytes);
        __atomic_store_n(reinterpret_cast<uint64_t*>(frame_), static_cast<uint64_t>(kPayloadBytes), __ATOMIC_RELEASE);
        frame_ += kFrameBytes;
    }

    void NextSegment() {
        segments_.emplace_back(directory_, segment_bytes_);
        frame_ = segments_.back().Memory();
        end_ = frame_ + segment_bytes_ / kFrameBytes * kFrameBytes;
    }

    std::string directory_;
    uint64_t segment_bytes_;
    uint64_t messages_;
    uint64_t interval_ns_;
    Samples samples_;
    std::deque<FreshSegment> segments_;
    uint64_t stamp_ = 0;
    uint8_t* frame_ = nullptr;
    uint8_t* end_ = nullptr;
    alignas(64) uint8_t source_[kPayloadBytes];
};

const Registration registration("append-fresh", [](const Arguments& arguments) -> std::unique_ptr<Contender> {
    return std::make_unique<AppendFresh>(arguments);
});

}  // namespace

}  // namespace peers

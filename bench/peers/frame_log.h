// The raw mapped log that the queue's floors use: files of a fixed size, holding frames of an 8-byte header (the length,
// published last) and the payload.
// A floor has no recovery, no reader limits, no sequence numbers and no checksum.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace peers {

constexpr size_t kHeaderBytes = 8;
constexpr size_t kPayloadBytes = 64;
constexpr size_t kFrameBytes = kHeaderBytes + kPayloadBytes;

// Segments that are mapped once and touched once.
class FrameLog {
public:
    // Creates segment_count files of segment_bytes below directory and touches every page.
    FrameLog(const std::string& directory, size_t segment_bytes, size_t segment_count);
    ~FrameLog();
    FrameLog(const FrameLog&) = delete;
    FrameLog& operator=(const FrameLog&) = delete;

    uint8_t* Segment(size_t index) const { return segments_[index]; }
    size_t SegmentCount() const { return segments_.size(); }
    size_t FramesPerSegment() const { return segment_bytes_ / kFrameBytes; }

private:
    size_t segment_bytes_;
    std::vector<uint8_t*> segments_;
};

// A segment that was never touched: a sparse file, which the kernel fills page by page at the first store. The file is
// unlinked at once, so that its memory is freed with the mapping.
class FreshSegment {
public:
    FreshSegment(const std::string& directory, size_t bytes);
    ~FreshSegment();
    FreshSegment(const FreshSegment&) = delete;
    FreshSegment& operator=(const FreshSegment&) = delete;

    uint8_t* Memory() const { return memory_; }

private:
    size_t bytes_;
    uint8_t* memory_;
};

}  // namespace peers

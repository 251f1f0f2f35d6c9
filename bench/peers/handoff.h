// The shared memory of a writer and a reader on two processors in the hand-off floors. It has a ring of frames and the
// reader's position. The header of a frame contains the lap in which the frame was written, so that nothing must be
// cleared. The reader's position keeps the writer within a window. The ring is as long as the window, or longer, like a
// log that retains messages after they are read.
#pragma once

#include "frame_log.h"
#include "together.h"

#include <cstring>

namespace peers {

class HandoffRing {
public:
    HandoffRing(const std::string& directory, uint64_t window, uint64_t frames = 0, size_t frame_bytes = kFrameBytes)
        : window_(window),
          frames_(frames == 0 ? window : frames),
          frame_bytes_(frame_bytes),
          log_(directory, frames_ * frame_bytes, 1),
          memory_(log_.Segment(0)) {}

    uint64_t Frames() const { return frames_; }

    uint8_t* Frame(uint64_t index) const { return memory_ + index * frame_bytes_; }

    static uint64_t Header(uint64_t lap) { return lap << 32 | kPayloadBytes; }

    static bool IsThere(const uint8_t* frame, uint64_t lap) {
        return __atomic_load_n(reinterpret_cast<const uint64_t*>(frame), __ATOMIC_ACQUIRE) == Header(lap);
    }

    static void Publish(uint8_t* frame, uint64_t lap) {
        __atomic_store_n(reinterpret_cast<uint64_t*>(frame), Header(lap), __ATOMIC_RELEASE);
    }

    // Called by the reader: publishes how many messages it has taken, in total.
    void Taken(uint64_t count) { __atomic_store_n(&taken_, count, __ATOMIC_RELEASE); }

    // Called by the writer: waits until this many more messages fit.
    void WaitForRoom(uint64_t written, uint64_t more) const {
        while (written + more - __atomic_load_n(&taken_, __ATOMIC_ACQUIRE) > window_) {
            Pause(16);
        }
    }

private:
    uint64_t window_;
    uint64_t frames_;
    size_t frame_bytes_;
    FrameLog log_;
    uint8_t* memory_;
    alignas(128) uint64_t taken_ = 0;
    alignas(128) uint8_t behind_taken_[64];
};

}  // namespace peers

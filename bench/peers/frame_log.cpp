#include "frame_log.h"

#include "contender.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace peers {

FrameLog::FrameLog(const std::string& directory, size_t segment_bytes, size_t segment_count)
    : segment_bytes_(segment_bytes) {
    for (size_t i = 0; i < segment_count; i++) {
        std::string path = directory + "/segment-" + std::to_string(i);
        int file = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (file < 0) {
            Fail("cannot create " + path + ": " + std::strerror(errno));
        }
        // Blocks are allocated here, so a full disk is a message and not a SIGBUS in the middle of a run.
        int error = posix_fallocate(file, 0, static_cast<off_t>(segment_bytes));
        if (error != 0) {
            Fail("cannot allocate " + path + ": " + std::strerror(error));
        }
        void* memory = mmap(nullptr, segment_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        if (memory == MAP_FAILED) {
            Fail("cannot map " + path + ": " + std::strerror(errno));
        }
        close(file);
        std::memset(memory, 0, segment_bytes);
        segments_.push_back(static_cast<uint8_t*>(memory));
    }
}

FrameLog::~FrameLog() {
    for (uint8_t* segment : segments_) {
        munmap(segment, segment_bytes_);
    }
}

}  // namespace peers

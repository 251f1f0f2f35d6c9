#include "frame_log.h"

#include "contender.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace peers {

namespace {

int Create(const std::string& path) {
    int file = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) {
        Fail("cannot create " + path + ": " + std::strerror(errno));
    }
    return file;
}

uint8_t* MapAndClose(int file, const std::string& path, size_t bytes) {
    void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (memory == MAP_FAILED) {
        Fail("cannot map " + path + ": " + std::strerror(errno));
    }
    close(file);
    return static_cast<uint8_t*>(memory);
}

}  // namespace

FrameLog::FrameLog(const std::string& directory, size_t segment_bytes, size_t segment_count)
    : segment_bytes_(segment_bytes) {
    for (size_t i = 0; i < segment_count; i++) {
        std::string path = directory + "/segment-" + std::to_string(i);
        int file = Create(path);
        // Allocates the blocks now, so that a full disk causes an error message and not a SIGBUS in the middle of a run.
        int error = posix_fallocate(file, 0, static_cast<off_t>(segment_bytes));
        if (error != 0) {
            Fail("cannot allocate " + path + ": " + std::strerror(error));
        }
        uint8_t* memory = MapAndClose(file, path, segment_bytes);
        std::memset(memory, 0, segment_bytes);
        segments_.push_back(memory);
    }
}

FrameLog::~FrameLog() {
    for (uint8_t* segment : segments_) {
        munmap(segment, segment_bytes_);
    }
}

FreshSegment::FreshSegment(const std::string& directory, size_t bytes) : bytes_(bytes) {
    std::string path = directory + "/fresh-segment";
    int file = Create(path);
    if (ftruncate(file, static_cast<off_t>(bytes)) != 0) {
        Fail("cannot size " + path + ": " + std::strerror(errno));
    }
    unlink(path.c_str());
    memory_ = MapAndClose(file, path, bytes);
}

FreshSegment::~FreshSegment() {
    munmap(memory_, bytes_);
}

}  // namespace peers

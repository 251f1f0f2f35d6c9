// Floor of `append-durable`: collects frames into a group, writes the group with one call into a file whose blocks
// already exist, and flushes it to the disk, one group after the other. Messages count when their group is durable.
#include "contender.h"
#include "frame_log.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace peers {

namespace {

class AppendDurable final : public Contender {
public:
    explicit AppendDurable(const Arguments& arguments)
        : messages_(arguments.Number("messages")),
          group_(arguments.Number("group-bytes") / kFrameBytes * kFrameBytes),
          file_bytes_(arguments.Number("file-bytes") / group_.size() * group_.size()),
          path_(arguments.Text("data") + "/log") {
        file_ = open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (file_ < 0) {
            Fail("cannot create " + path_ + ": " + std::strerror(errno));
        }
        // Written once, so that later writes do not allocate blocks, as in a log that recycles its files.
        for (uint64_t at = 0; at < file_bytes_; at += group_.size()) {
            WriteAt(at, group_.size());
        }
        Keep();
    }

    ~AppendDurable() override { close(file_); }

    RunResult Run() override {
        RoundTimer timer;
        size_t used = 0;
        for (uint64_t i = 0; i < messages_; i++) {
            uint64_t header = kPayloadBytes;
            std::memcpy(group_.data() + used, &header, kHeaderBytes);
            std::memcpy(group_.data() + used + kHeaderBytes, source_, kPayloadBytes);
            std::memcpy(group_.data() + used + kHeaderBytes, &stamp_, sizeof stamp_);
            stamp_++;
            used += kFrameBytes;
            if (used == group_.size()) {
                WriteGroup(used);
                used = 0;
            }
        }
        WriteGroup(used);
        RunResult result = timer.Stop(messages_);
        result.check = stamp_;
        return result;
    }

private:
    void WriteGroup(size_t bytes) {
        if (bytes > 0) {
            WriteAt(at_, bytes);
            Keep();
            at_ = at_ + group_.size() < file_bytes_ ? at_ + group_.size() : 0;
        }
    }

    void WriteAt(uint64_t at, size_t bytes) {
        if (pwrite(file_, group_.data(), bytes, static_cast<off_t>(at)) != static_cast<ssize_t>(bytes)) {
            Fail("cannot write " + path_ + ": " + std::strerror(errno));
        }
    }

    void Keep() {
        if (fdatasync(file_) != 0) {
            Fail("cannot flush " + path_ + ": " + std::strerror(errno));
        }
    }

    uint64_t messages_;
    std::vector<uint8_t> group_;
    uint64_t file_bytes_;
    std::string path_;
    int file_ = -1;
    uint64_t at_ = 0;
    uint64_t stamp_ = 0;
    uint8_t source_[kPayloadBytes] = {};
};

const Registration registration("append-durable", [](const Arguments& arguments) -> std::unique_ptr<Contender> {
    return std::make_unique<AppendDurable>(arguments);
});

}  // namespace

}  // namespace peers

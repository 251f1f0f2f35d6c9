// Floor of `append-durable`: collects frames into a group, writes the group with one call into a file whose blocks
// already exist, and flushes it to the disk, one group after the other. Messages count when their group is durable.
#include "contender.h"
#include "frame_log.h"
#include "io_uring/uring.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace peers {

namespace {

class AppendDurable : public Contender {
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

protected:
    int File() const { return file_; }
    const uint8_t* Group() const { return group_.data(); }

    virtual void WriteAndKeep(uint64_t at, size_t bytes) {
        WriteAt(at, bytes);
        Keep();
    }

private:
    void WriteGroup(size_t bytes) {
        if (bytes > 0) {
            WriteAndKeep(at_, bytes);
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

// Writes and flushes a group by one system call: two linked entries of an io_uring.
class AppendDurableUring final : public AppendDurable {
public:
    explicit AppendDurableUring(const Arguments& arguments) : AppendDurable(arguments), ring_(4) {}

protected:
    void WriteAndKeep(uint64_t at, size_t bytes) override {
        io_uring_sqe& write = ring_.Next();
        write.opcode = IORING_OP_WRITE;
        write.fd = File();
        write.addr = reinterpret_cast<uint64_t>(Group());
        write.len = static_cast<uint32_t>(bytes);
        write.off = at;
        write.flags = IOSQE_IO_LINK;
        io_uring_sqe& keep = ring_.Next();
        keep.opcode = IORING_OP_FSYNC;
        keep.fd = File();
        keep.fsync_flags = IORING_FSYNC_DATASYNC;
        ring_.Submit(2);
        ring_.Drain([](const io_uring_cqe& completion) {
            if (completion.res < 0) {
                Fail(std::string("cannot write a group: ") + std::strerror(-completion.res));
            }
        });
    }

private:
    Uring ring_;
};

const Registration kPlain("append-durable", [](const Arguments& arguments) -> std::unique_ptr<Contender> {
    return std::make_unique<AppendDurable>(arguments);
});
const Registration kUring("append-durable-uring", [](const Arguments& arguments) -> std::unique_ptr<Contender> {
    return std::make_unique<AppendDurableUring>(arguments);
});

}  // namespace

}  // namespace peers

#include "io_uring/uring.h"

#include "contender.h"

#include <cerrno>
#include <cstring>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace peers {

namespace {

void* Map(int ring, uint64_t bytes, off_t offset) {
    int flags = ring < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED | MAP_POPULATE;
    void* place = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, flags, ring, offset);
    if (place == MAP_FAILED) {
        Fail(std::string("cannot map an io_uring: ") + std::strerror(errno));
    }
    return place;
}

}  // namespace

Uring::Uring(unsigned entries) {
    io_uring_params parameters{};
    parameters.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE;
    parameters.cq_entries = entries * 8;
    ring_ = static_cast<int>(syscall(SYS_io_uring_setup, entries, &parameters));
    if (ring_ < 0) {
        Fail(std::string("cannot create an io_uring: ") + std::strerror(errno));
    }
    uint64_t submission = parameters.sq_off.array + parameters.sq_entries * sizeof(unsigned);
    uint64_t completion = parameters.cq_off.cqes + parameters.cq_entries * sizeof(io_uring_cqe);
    ring_bytes_ = submission > completion ? submission : completion;
    rings_ = static_cast<uint8_t*>(Map(ring_, ring_bytes_, IORING_OFF_SQ_RING));
    submission_bytes_ = parameters.sq_entries * sizeof(io_uring_sqe);
    submissions_ = static_cast<io_uring_sqe*>(Map(ring_, submission_bytes_, IORING_OFF_SQES));
    submission_mask_ = parameters.sq_entries - 1;
    completion_mask_ = parameters.cq_entries - 1;
    submission_tail_ = reinterpret_cast<unsigned*>(rings_ + parameters.sq_off.tail);
    completion_head_ = reinterpret_cast<unsigned*>(rings_ + parameters.cq_off.head);
    completion_tail_ = reinterpret_cast<unsigned*>(rings_ + parameters.cq_off.tail);
    completions_ = reinterpret_cast<io_uring_cqe*>(rings_ + parameters.cq_off.cqes);
    auto* order = reinterpret_cast<unsigned*>(rings_ + parameters.sq_off.array);
    for (unsigned i = 0; i < parameters.sq_entries; i++) {
        order[i] = i;
    }
}

Uring::~Uring() {
    close(ring_);
    munmap(rings_, ring_bytes_);
    munmap(submissions_, submission_bytes_);
    if (provided_ != nullptr) {
        munmap(provided_, buffer_count_ * sizeof(io_uring_buf));
        munmap(buffers_, uint64_t{buffer_count_} * buffer_bytes_);
    }
}

io_uring_sqe& Uring::Next() {
    io_uring_sqe& entry = submissions_[(*submission_tail_ + prepared_) & submission_mask_];
    std::memset(&entry, 0, sizeof entry);
    prepared_++;
    return entry;
}

void Uring::Submit(unsigned completions) {
    __atomic_store_n(submission_tail_, *submission_tail_ + prepared_, __ATOMIC_RELEASE);
    long sent = syscall(SYS_io_uring_enter, ring_, prepared_, completions, IORING_ENTER_GETEVENTS, nullptr, 0);
    if (sent != static_cast<long>(prepared_) && !(sent < 0 && errno == EINTR && prepared_ == 0)) {
        Fail(std::string("io_uring_enter: ") + std::strerror(errno));
    }
    prepared_ = 0;
}

void Uring::ProvideBuffers(uint16_t group, unsigned count, unsigned bytes) {
    buffer_count_ = count;
    buffer_bytes_ = bytes;
    buffers_ = static_cast<uint8_t*>(Map(-1, uint64_t{count} * bytes, 0));
    provided_ = static_cast<io_uring_buf_ring*>(Map(-1, count * sizeof(io_uring_buf), 0));
    io_uring_buf_reg registration{};
    registration.ring_addr = reinterpret_cast<uint64_t>(provided_);
    registration.ring_entries = count;
    registration.bgid = group;
    if (syscall(SYS_io_uring_register, ring_, IORING_REGISTER_PBUF_RING, &registration, 1) != 0) {
        Fail(std::string("cannot provide buffers to an io_uring: ") + std::strerror(errno));
    }
    for (unsigned i = 0; i < count; i++) {
        ReturnBuffer(i);
    }
}

void Uring::ReturnBuffer(unsigned id) {
    // In C++, the member for the entries has a wrong offset. The first entry shares its last two bytes with the tail, so the fields are set
    // one by one.
    io_uring_buf& entry = reinterpret_cast<io_uring_buf*>(provided_)[provided_->tail & (buffer_count_ - 1)];
    entry.addr = reinterpret_cast<uint64_t>(Buffer(id));
    entry.len = buffer_bytes_;
    entry.bid = static_cast<uint16_t>(id);
    __atomic_store_n(&provided_->tail, static_cast<uint16_t>(provided_->tail + 1), __ATOMIC_RELEASE);
}

}  // namespace peers

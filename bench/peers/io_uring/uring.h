// An io_uring with one submitting thread, through the system calls of Linux 6.1 and later; liburing is not needed.
#pragma once

#include <linux/io_uring.h>

#include <cstdint>

namespace peers {

class Uring {
public:
    explicit Uring(unsigned entries);
    ~Uring();
    Uring(const Uring&) = delete;
    Uring& operator=(const Uring&) = delete;

    // A cleared entry, which the next Submit sends.
    io_uring_sqe& Next();

    // Sends the prepared entries, and waits until this many completions are there.
    void Submit(unsigned completions);

    // Calls a function with each completion that is there, and returns their number.
    template <typename Handle>
    unsigned Drain(Handle handle) {
        unsigned head = *completion_head_;
        unsigned tail = __atomic_load_n(completion_tail_, __ATOMIC_ACQUIRE);
        for (unsigned at = head; at != tail; at++) {
            handle(completions_[at & completion_mask_]);
        }
        __atomic_store_n(completion_head_, tail, __ATOMIC_RELEASE);
        return tail - head;
    }

    // Registers buffers of one size, a power of two of them, from which the kernel chooses one for each receive.
    void ProvideBuffers(uint16_t group, unsigned count, unsigned bytes);
    const uint8_t* Buffer(unsigned id) const { return buffers_ + uint64_t{id} * buffer_bytes_; }
    void ReturnBuffer(unsigned id);

private:
    int ring_ = -1;
    unsigned prepared_ = 0;
    unsigned submission_mask_ = 0;
    unsigned completion_mask_ = 0;
    unsigned* submission_tail_ = nullptr;
    unsigned* completion_head_ = nullptr;
    unsigned* completion_tail_ = nullptr;
    io_uring_sqe* submissions_ = nullptr;
    io_uring_cqe* completions_ = nullptr;
    uint8_t* rings_ = nullptr;
    uint64_t ring_bytes_ = 0;
    uint64_t submission_bytes_ = 0;
    io_uring_buf_ring* provided_ = nullptr;
    uint8_t* buffers_ = nullptr;
    unsigned buffer_count_ = 0;
    unsigned buffer_bytes_ = 0;
};

}  // namespace peers

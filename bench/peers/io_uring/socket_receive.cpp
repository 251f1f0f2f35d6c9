// Rows of `socket-receive`: one thread receives messages of ten TCP connections over loopback. The time is the processor
// time of that thread; the sender has a thread of its own.
#include "contender.h"
#include "io_uring/uring.h"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace peers {

namespace {

constexpr unsigned kConnections = 10;
constexpr unsigned kMessageBytes = 100;
constexpr unsigned kBufferBytes = 16 << 10;
constexpr unsigned kBuffers = 256;

void Require(bool succeeded, const char* what) {
    if (!succeeded) {
        Fail(std::string(what) + ": " + std::strerror(errno));
    }
}

uint64_t ThreadNanos() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
}

class SocketReceive : public Contender {
public:
    explicit SocketReceive(const Arguments& arguments)
        : messages_(arguments.Number("messages")), interval_ns_(arguments.Number("interval-ns")), burst_(arguments.Number("burst")) {
        int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        auto* plain = reinterpret_cast<sockaddr*>(&address);
        Require(bind(listener, plain, length) == 0 && listen(listener, kConnections) == 0, "cannot listen");
        Require(getsockname(listener, plain, &length) == 0, "cannot read the port");
        for (unsigned i = 0; i < kConnections; i++) {
            int sender = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
            Require(connect(sender, plain, length) == 0, "cannot connect");
            int enabled = 1;
            setsockopt(sender, IPPROTO_TCP, TCP_NODELAY, &enabled, sizeof enabled);
            senders_.push_back(sender);
            receivers_.push_back(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
            Require(receivers_.back() >= 0, "cannot accept");
        }
        close(listener);
    }

    ~SocketReceive() override {
        for (unsigned i = 0; i < kConnections; i++) {
            close(senders_[i]);
            close(receivers_[i]);
        }
    }

    RunResult Run() override {
        std::thread sender([this] { Send(); });
        uint64_t before = ThreadNanos();
        uint64_t left = messages_ * kMessageBytes;
        while (left > 0) {
            left -= ReceiveSome();
        }
        RunResult result;
        result.operations = messages_;
        result.elapsed_ns = ThreadNanos() - before;
        result.check = messages_;
        sender.join();
        return result;
    }

protected:
    const std::vector<int>& Receivers() const { return receivers_; }

    // Reads some of the bytes, as a parser would.
    uint64_t Take(const uint8_t* bytes, uint64_t count) {
        for (uint64_t i = 0; i < count; i += kMessageBytes / 2) {
            read_ = read_ + bytes[i];
        }
        return count;
    }

    // Waits until bytes are there, takes them, and returns their number.
    virtual uint64_t ReceiveSome() = 0;

private:
    void Send() {
        std::vector<uint8_t> bytes(kMessageBytes * burst_);
        uint64_t due = NowNanos();
        for (uint64_t sent = 0; sent < messages_; sent += burst_) {
            uint64_t now = NowNanos();
            if (now < due) {
                std::this_thread::sleep_for(std::chrono::nanoseconds(due - now));
            }
            due += interval_ns_;
            ssize_t all = static_cast<ssize_t>(bytes.size());
            Require(send(senders_[(sent / burst_) % kConnections], bytes.data(), bytes.size(), MSG_NOSIGNAL) == all, "cannot send");
        }
    }

    uint64_t messages_;
    uint64_t interval_ns_;
    uint64_t burst_;
    volatile uint64_t read_ = 0;
    std::vector<int> senders_;
    std::vector<int> receivers_;
};

class EpollReceive final : public SocketReceive {
public:
    explicit EpollReceive(const Arguments& arguments) : SocketReceive(arguments), buffer_(kBufferBytes) {
        epoll_ = epoll_create1(EPOLL_CLOEXEC);
        for (int receiver : Receivers()) {
            epoll_event event{};
            event.events = EPOLLIN;
            event.data.fd = receiver;
            Require(epoll_ctl(epoll_, EPOLL_CTL_ADD, receiver, &event) == 0, "epoll_ctl");
        }
    }

    ~EpollReceive() override { close(epoll_); }

protected:
    uint64_t ReceiveSome() override {
        epoll_event events[kConnections];
        int count = epoll_wait(epoll_, events, kConnections, -1);
        Require(count >= 0 || errno == EINTR, "epoll_wait");
        uint64_t taken = 0;
        for (int i = 0; i < count; i++) {
            ssize_t bytes = recv(events[i].data.fd, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
            Require(bytes > 0, "cannot receive");
            taken += Take(buffer_.data(), static_cast<uint64_t>(bytes));
        }
        return taken;
    }

private:
    int epoll_;
    std::vector<uint8_t> buffer_;
};

// One multishot receive for each connection, with buffers that the kernel chooses.
class UringReceive final : public SocketReceive {
public:
    explicit UringReceive(const Arguments& arguments) : SocketReceive(arguments), ring_(64) {
        ring_.ProvideBuffers(kGroup, kBuffers, kBufferBytes);
        for (int receiver : Receivers()) {
            Arm(receiver);
        }
    }

protected:
    uint64_t ReceiveSome() override {
        uint64_t taken = 0;
        ring_.Submit(1);
        ring_.Drain([&](const io_uring_cqe& completion) {
            if (completion.res > 0) {
                unsigned id = completion.flags >> IORING_CQE_BUFFER_SHIFT;
                taken += Take(ring_.Buffer(id), static_cast<uint64_t>(completion.res));
                ring_.ReturnBuffer(id);
            } else if (completion.res != -ENOBUFS) {
                Fail("cannot receive: " + std::string(std::strerror(-completion.res)));
            }
            if ((completion.flags & IORING_CQE_F_MORE) == 0) {
                Arm(static_cast<int>(completion.user_data));
            }
        });
        return taken;
    }

private:
    static constexpr uint16_t kGroup = 1;

    void Arm(int receiver) {
        io_uring_sqe& entry = ring_.Next();
        entry.opcode = IORING_OP_RECV;
        entry.fd = receiver;
        entry.ioprio = IORING_RECV_MULTISHOT;
        entry.flags = IOSQE_BUFFER_SELECT;
        entry.buf_group = kGroup;
        entry.user_data = static_cast<uint64_t>(receiver);
    }

    Uring ring_;
};

const Registration kEpoll("receive-epoll", [](const Arguments& arguments) -> std::unique_ptr<Contender> {
    return std::make_unique<EpollReceive>(arguments);
});
const Registration kUring("receive-uring", [](const Arguments& arguments) -> std::unique_ptr<Contender> {
    return std::make_unique<UringReceive>(arguments);
});

}  // namespace

}  // namespace peers

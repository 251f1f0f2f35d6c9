// The shell of a card for the bench: host memory that answers late, in pieces, and with errors selected by the address.
#pragma once

#include "bench.hpp"

#include <deque>
#include <vector>

/// Addresses with this bit cannot be read or written.
constexpr uint64_t BadAddress = 1ull << 40;
/// Reads at addresses with this bit end early, without reporting an error.
constexpr uint64_t ShortAddress = 1ull << 41;
/// Reads at addresses with this bit return one beat too many.
constexpr uint64_t LongAddress = 1ull << 42;
constexpr uint64_t MemoryBytes = 1 << 18;

template <typename Top>
class Shell {
public:
    Shell(Top& top, bench::Random& random) : top_(top), random_(random), reads_(random), writes_(random), memory_(MemoryBytes)
    {
        for (uint8_t& byte : memory_) {
            byte = (uint8_t)random_.next();
        }
    }

    const uint8_t* at(uint64_t address) const { return &memory_[address & (MemoryBytes - 1)]; }

    /// Sets the inputs of the card for this cycle.
    void drive()
    {
        top_.rd_ready = quiet || reads_.is_ready();
        top_.wr_ready = quiet || writes_.is_ready();
        top_.wr_error = (top_.wr_address & BadAddress) != 0;
        if (!offering_ && !requests_.empty() && (quiet || random_.percent(60))) {
            offer();
        }
        top_.rs_valid = offering_;
    }

    /// Returns whether wr_error belongs to the address that is on the port now.
    void drive_write_error() { top_.wr_error = (top_.wr_address & BadAddress) != 0; }

    /// Processes the transfers of this cycle, before the edge.
    void observe()
    {
        if (top_.rd_valid && top_.rd_ready) {
            bench::check(top_.rd_bytes > 0 && top_.rd_bytes <= 65536, "a read of zero bytes or of too many");
            requests_.push_back({top_.rd_address, top_.rd_bytes, 0});
        }
        if (top_.wr_valid && top_.wr_ready) {
            bench::check(top_.wr_bytes > 0 && top_.wr_bytes <= 32, "a write of zero bytes or of too many");
            for (uint32_t i = 0; !top_.wr_error && i < top_.wr_bytes; ++i) {
                memory_[(top_.wr_address + i) & (MemoryBytes - 1)] = bench::get_byte(top_.wr_data, i);
            }
            ++writes;
        }
        if (top_.rs_valid && top_.rs_ready) {
            offering_ = false;
            Request& request = requests_.front();
            request.sent += 64;
            if (top_.rs_last) {
                requests_.pop_front();
            }
        }
    }

    bool is_reading() const { return !requests_.empty(); }
    bool is_in_answer() const { return !requests_.empty() && requests_.front().sent > 0; }
    uint64_t writes = 0;
    bool quiet = false;

private:
    struct Request {
        uint64_t address;
        uint32_t bytes;
        uint32_t sent;
    };

    void offer()
    {
        const Request& request = requests_.front();
        for (uint32_t i = 0; i < 64; ++i) {
            uint8_t byte = *at(request.address + request.sent + i);
            bench::set_bytes(top_.rs_data, i, &byte, 1);
        }
        uint32_t end = request.bytes;
        if (request.address & ShortAddress) {
            end = 1 + (end - 1) / 2;
        }
        if (request.address & LongAddress) {
            end += 64;
        }
        top_.rs_error = (request.address & BadAddress) != 0 && request.sent + 64 >= (end + 1) / 2;
        bool ends_early = top_.rs_error && (request.address & 64);
        top_.rs_last = request.sent + 64 >= end || ends_early;
        offering_ = true;
    }

    Top& top_;
    bench::Random& random_;
    bench::Pressure reads_, writes_;
    std::vector<uint8_t> memory_;
    std::deque<Request> requests_;
    bool offering_ = false;
};

// Drives the ports of `mldsa`: keys, commands and signatures, with or without gaps and back-pressure.
#pragma once

#include "Vmldsa.h"
#include "Vmldsa___024root.h"
#include "bench.hpp"
#include "mldsa_model.hpp"

#include <memory>

namespace unit {

using mldsa::Bytes;

enum Status { Ok, Invalid, NoKey, GaveUp };

struct Result {
    Status status;
    uint32_t rounds, cycles;
    Bytes signature;
};

class Unit {
public:
    explicit Unit(bench::Random& random) : random_(random) {}

    Vmldsa& top() { return *top_; }
    uint32_t phase() const { return top_->rootp->mldsa__DOT__phase; }
    uint32_t step() const { return top_->rootp->mldsa__DOT__step; }
    void set_round(uint32_t round) { top_->rootp->mldsa__DOT__round = (uint8_t)round; }

    /// What a word of the key memory contains, as an OR of its parts.
    uint32_t key_word(size_t address) const
    {
        const auto& word = top_->rootp->mldsa__DOT__u_keys__DOT__u_ram__DOT__words[address];
        return word[0] | word[1] | word[2];
    }

    void edge()
    {
        bench::edge(*top_);
        ++limit_;
        bench::check(limit_ < 1500000, "the unit hangs");
    }

    /// Resets the unit, and waits until it has cleared its memories. Returns the cycles.
    uint32_t reset()
    {
        quiet();
        top_->rst = 1;
        edge();
        top_->rst = 0;
        return wait_until_idle();
    }

    uint32_t zeroise()
    {
        quiet();
        top_->zeroise = 1;
        edge();
        top_->zeroise = 0;
        return wait_until_idle();
    }

    uint32_t wait_until_idle()
    {
        top_->eval();
        uint32_t cycles = 1;
        for (; top_->busy; ++cycles) {
            edge();
        }
        limit_ = 0;
        return cycles;
    }

    /// Sends up to `count` words of a key, with `last` at the last of them. Returns the cycles until the unit is idle.
    uint32_t load(bool is_public, const Bytes& key, bool has_gaps = false)
    {
        begin();
        for (size_t word = 0; word * 4 < key.size();) {
            top_->key_valid = !has_gaps || random_.percent(70);
            top_->key_public = is_public;
            top_->key_last = word * 4 + 4 >= key.size();
            uint32_t data = 0;
            for (size_t i = 0; i < 4; ++i) {
                data |= (uint32_t)key[word * 4 + i] << (8 * i);
            }
            top_->key_data = data;
            top_->eval();
            word += top_->key_valid && top_->key_ready;
            edge();
        }
        top_->key_valid = 0;
        wait_until_idle();
        return (uint32_t)(bench::g_position.cycle - began_);
    }

    void command(bool verify, const uint8_t* mu, const uint8_t* rnd)
    {
        begin();
        top_->cmd_verify = verify;
        bench::set_bytes(top_->cmd_mu, 0, mu, 64);
        if (rnd != nullptr) {
            bench::set_bytes(top_->cmd_rnd, 0, rnd, 32);
        }
        top_->cmd_valid = 1;
        top_->eval();
        bench::check(top_->cmd_ready, "an idle unit takes no command");
        edge();
        top_->cmd_valid = 0;
    }

    /// Signs; takes a beat with a probability of `ready` percent.
    Result sign(const Bytes& mu, const Bytes& rnd, uint32_t ready = 100, uint32_t first_round = 0)
    {
        command(false, mu.data(), rnd.data());
        if (first_round != 0) {
            set_round(first_round);
        }
        Result result{};
        bool ended = false;
        while (!finished(result)) {
            top_->sig_out_ready = random_.percent(ready);
            top_->eval();
            if (top_->sig_out_valid && top_->sig_out_ready) {
                bench::check(!ended, "a beat after the last one");
                for (size_t i = 0; i < top_->sig_out_bytes; ++i) {
                    result.signature.push_back(bench::get_byte(top_->sig_out_data, i));
                }
                ended = top_->sig_out_last;
            }
            edge();
        }
        bench::equal(result.status == Ok, ended, "the last beat");
        return result;
    }

    /// Verifies; offers a beat with a probability of `valid` percent.
    Result verify(const Bytes& mu, const Bytes& signature, uint32_t valid = 100)
    {
        command(true, mu.data(), nullptr);
        Result result{};
        size_t at = 0;
        while (!finished(result)) {
            top_->sig_in_valid = at < signature.size() && random_.percent(valid);
            size_t count = std::min<size_t>(32, signature.size() - at);
            if (top_->sig_in_valid) {
                // What lies after the last byte must not matter.
                std::vector<uint8_t> beat(32, (uint8_t)random_.next());
                std::copy(signature.begin() + (ptrdiff_t)at, signature.begin() + (ptrdiff_t)(at + count), beat.begin());
                bench::set_bytes(top_->sig_in_data, 0, beat.data(), 32);
                top_->sig_in_bytes = (uint8_t)count;
                top_->sig_in_last = at + count == signature.size();
            }
            top_->eval();
            at += top_->sig_in_valid && top_->sig_in_ready ? count : 0;
            edge();
        }
        bench::equal(signature.size(), at, "bytes taken");
        return result;
    }

    bool finished(Result& result)
    {
        top_->eval();
        if (!top_->done) {
            return false;
        }
        result.status = (Status)top_->done_status;
        result.rounds = top_->done_rounds;
        result.cycles = top_->done_cycles;
        top_->sig_out_ready = 0;
        top_->sig_in_valid = 0;
        return true;
    }

private:
    void begin()
    {
        limit_ = 0;
        began_ = bench::g_position.cycle;
    }

    void quiet()
    {
        top_->key_valid = top_->cmd_valid = top_->sig_in_valid = top_->sig_out_ready = 0;
        limit_ = 0;
    }

    bench::Random& random_;
    std::unique_ptr<Vmldsa> top_ = std::make_unique<Vmldsa>();
    uint64_t limit_ = 0, began_ = 0;
};

}  // namespace unit

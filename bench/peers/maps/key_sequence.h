// The keys of every map scenario, the same on both sides (Workloads/Maps/KeySequence.cs): entry i has key splitmix64(i); which
// entry comes next is drawn by xorshift64. Its cost is part of every map figure.
#pragma once

#include <cstdint>

namespace peers {

inline uint64_t KeyOf(uint64_t index) {
    uint64_t z = index + 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

class KeySequence {
public:
    explicit KeySequence(uint64_t entries) : entries_(entries) {}

    uint64_t Next() { return NextAfter(0); }

    // Returns a key that depends on the value found under the previous one, so that no two gets overlap.
    uint64_t NextAfter(uint64_t value) { return KeyOf(NextEntry(value)); }

    // Returns the number of the next entry. `Next` and `NextAfter` return the key of that entry.
    uint64_t NextEntry(uint64_t value = 0) {
        state_ ^= value;
        state_ ^= state_ << 13;
        state_ ^= state_ >> 7;
        state_ ^= state_ << 17;
        return ((state_ >> 32) * entries_) >> 32;
    }

private:
    uint64_t entries_;
    uint64_t state_ = 88172645463325252u;
};

// Visits every entry once before any is repeated, so that the value under the next key is known without a lookup: the
// value of entry i is i at first and grows by one in every turn (Workloads/Maps/TurnSequence.cs).
class TurnSequence {
public:
    explicit TurnSequence(uint64_t entries) : entries_(entries), step_(StepFor(entries)) {}

    // Returns the key of the next entry; its value is Value().
    uint64_t Next() {
        index_ += step_;
        if (index_ >= entries_) {
            index_ -= entries_;
        }
        if (left_-- == 0) {
            left_ = entries_ - 1;
            turn_++;
        }
        return KeyOf(index_);
    }

    uint64_t Value() const { return index_ + turn_; }

private:
    // A step near the golden section and without a common divisor, so that every entry is visited.
    static uint64_t StepFor(uint64_t entries) {
        uint64_t step = entries * 618 / 1000 + 1;
        while (Divisor(step, entries) != 1) {
            step++;
        }
        return step;
    }

    static uint64_t Divisor(uint64_t a, uint64_t b) { return b == 0 ? a : Divisor(b, a % b); }

    uint64_t entries_;
    uint64_t step_;
    uint64_t index_ = 0;
    uint64_t turn_ = 0;
    uint64_t left_ = entries_;
};

}  // namespace peers

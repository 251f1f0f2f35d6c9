// The keys of every map scenario, the same on both sides (Workloads/KeySequence.cs): entry i has key
// splitmix64(i); which entry comes next is drawn by xorshift64. Its cost is part of every map figure.
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

    uint64_t Next() {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 7;
        state_ ^= state_ << 17;
        return KeyOf(((state_ >> 32) * entries_) >> 32);
    }

private:
    uint64_t entries_;
    uint64_t state_ = 88172645463325252u;
};

}  // namespace peers

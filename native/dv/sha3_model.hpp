// SHA3-256 as FIPS 202 defines it, for the benches: one bit of theta, rho and pi at a time in lanes, no table of offsets, so
// that it shares no code with the card. It is checked against the known answers of the Keccak team before use.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace sha3 {

inline uint64_t rotate(uint64_t lane, int by)
{
    return by == 0 ? lane : (lane << by) | (lane >> (64 - by));
}

/// The bit of the round constants' linear feedback register, FIPS 202 algorithm 5.
inline bool rc(int t)
{
    uint32_t r = 1;
    for (int i = 0; i < t % 255; ++i) {
        r <<= 1;
        r ^= (r >> 8) * 0x171;
    }
    return r & 1;
}

inline std::array<uint64_t, 24> round_constants()
{
    std::array<uint64_t, 24> constants{};
    for (int round = 0; round < 24; ++round) {
        for (int j = 0; j <= 6; ++j) {
            constants[round] |= (uint64_t)rc(j + 7 * round) << ((1 << j) - 1);
        }
    }
    return constants;
}

inline void permute(std::array<uint64_t, 25>& a)
{
    static const std::array<uint64_t, 24> constants = round_constants();
    for (int round = 0; round < 24; ++round) {
        uint64_t c[5], d[5];
        for (int x = 0; x < 5; ++x) {
            c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
        }
        for (int x = 0; x < 5; ++x) {
            d[x] = c[(x + 4) % 5] ^ rotate(c[(x + 1) % 5], 1);
        }
        for (int i = 0; i < 25; ++i) {
            a[i] ^= d[i % 5];
        }
        std::array<uint64_t, 25> b{};
        b[0] = a[0];
        int x = 1, y = 0;
        for (int t = 0; t < 24; ++t) {
            int next = (2 * x + 3 * y) % 5;
            b[y + 5 * next] = rotate(a[x + 5 * y], (t + 1) * (t + 2) / 2 % 64);
            x = y;
            y = next;
        }
        for (int i = 0; i < 25; ++i) {
            int row = i - i % 5;
            a[i] = b[i] ^ (~b[row + (i + 1) % 5] & b[row + (i + 2) % 5]);
        }
        a[0] ^= constants[round];
    }
}

inline std::array<uint8_t, 32> hash(const std::vector<uint8_t>& message)
{
    constexpr size_t Rate = 136;
    std::vector<uint8_t> padded = message;
    padded.push_back(0x06);
    padded.resize((padded.size() + Rate - 1) / Rate * Rate);
    padded.back() |= 0x80;
    std::array<uint64_t, 25> state{};
    for (size_t block = 0; block < padded.size(); block += Rate) {
        for (size_t i = 0; i < Rate; ++i) {
            state[i / 8] ^= (uint64_t)padded[block + i] << (8 * (i % 8));
        }
        permute(state);
    }
    std::array<uint8_t, 32> digest{};
    for (size_t i = 0; i < 32; ++i) {
        digest[i] = (uint8_t)(state[i / 8] >> (8 * (i % 8)));
    }
    return digest;
}

}  // namespace sha3

// CRC-32C bit by bit, as RFC 3720 defines it: slow, and independent of the matrices of the card.
#pragma once

#include <cstddef>
#include <cstdint>

inline uint32_t crc32c_model(uint32_t checksum, const uint8_t* bytes, size_t count)
{
    uint32_t state = ~checksum;
    for (size_t i = 0; i < count; ++i) {
        state ^= bytes[i];
        for (int bit = 0; bit < 8; ++bit) {
            state = (state >> 1) ^ ((state & 1) ? 0x82f63b78u : 0u);
        }
    }
    return ~state;
}

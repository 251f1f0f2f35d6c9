// The expected answers of a card: computes them for submissions from the models of the engines.
#pragma once

#include "../../map/dv/map_model.hpp"
#include "bench.hpp"
#include "crc32c_model.hpp"
#include "estream_card.h"
#include "sha3_model.hpp"
#include "shell.hpp"

#include <array>
#include <vector>

constexpr int CardLanes = 4;

struct CardAnswer {
    estream_card_submission submission{};
    uint8_t status = 0;
    uint32_t info = 0;
    uint64_t sequence = 0, data = 0;
    std::vector<uint8_t> written;  // expected content of host memory
    uint64_t written_at = 0;
    uint64_t accepted = 0;
    bool is_append = false, is_map = false, hits = false;
};

struct CardCounts {
    uint64_t refused = 0, dma_errors = 0, messages = 0, bytes = 0, gets = 0, changes = 0, leaves = 0, permutations = 0;
};

/// Answers submissions in the order in which they are accepted.
template <typename Memory>
class CardModel {
public:
    explicit CardModel(const Memory& memory) : memory_(memory) {}

    CardAnswer answer(const estream_card_submission& s)
    {
        CardAnswer answer;
        answer.submission = s;
        answer.status = refusal(s);
        if (answer.status != ESTREAM_CARD_STATUS_OK) {
            ++counts.refused;
        } else if (s.operation == ESTREAM_CARD_OP_APPEND) {
            append(s, answer);
        } else if (s.operation == ESTREAM_CARD_OP_LEAF_HASH) {
            leaf(s, answer);
        } else if (s.operation != ESTREAM_CARD_OP_NOP) {
            map_operation(s, answer);
        }
        return answer;
    }

    void reset()
    {
        map.clear();
        sequences.fill(0);
    }

    MapModel map{CardLanes};
    std::array<uint64_t, CardLanes> sequences{};
    CardCounts counts;

private:
    static uint8_t refusal(const estream_card_submission& s)
    {
        uint32_t high = s.length >> 24, payload = s.length & 0xffffff;
        bool is_map = s.operation >= ESTREAM_CARD_OP_MAP_GET && s.operation <= ESTREAM_CARD_OP_MAP_DELETE;
        if (s.flags != 0) {
            return ESTREAM_CARD_STATUS_BAD_OPERATION;
        }
        if (s.operation == ESTREAM_CARD_OP_NOP) {
            return ESTREAM_CARD_STATUS_OK;
        }
        if (!is_map && s.operation != ESTREAM_CARD_OP_APPEND && s.operation != ESTREAM_CARD_OP_LEAF_HASH) {
            return ESTREAM_CARD_STATUS_BAD_OPERATION;
        }
        if (s.lane >= CardLanes) {
            return ESTREAM_CARD_STATUS_BAD_LANE;
        }
        bool is_bad = is_map ? high > 16 || payload > 16
            : high > 32 || payload > 65536 || (s.operation == ESTREAM_CARD_OP_APPEND && high > 0 && payload > 0)
                || (s.operation == ESTREAM_CARD_OP_LEAF_HASH && high % 8 != 0);
        return is_bad ? ESTREAM_CARD_STATUS_BAD_LENGTH : ESTREAM_CARD_STATUS_OK;
    }

    // The inline bytes and the bytes that are read; empty and false if they cannot be read.
    bool payload(const estream_card_submission& s, std::vector<uint8_t>& bytes) const
    {
        uint32_t high = s.length >> 24, count = s.length & 0xffffff;
        bytes.insert(bytes.end(), s.inline_bytes, s.inline_bytes + high);
        for (uint32_t i = 0; i < count; ++i) {
            bytes.push_back(*memory_.at(s.address + i));
        }
        bool is_short = (s.address & ShortAddress) && (1 + (count - 1) / 2 + 63) / 64 < (count + 63) / 64;
        return count == 0 || !((s.address & (BadAddress | LongAddress)) || is_short);
    }

    void append(const estream_card_submission& s, CardAnswer& answer)
    {
        answer.is_append = true;
        std::vector<uint8_t> bytes;
        if (!payload(s, bytes)) {
            answer.status = ESTREAM_CARD_STATUS_DMA_ERROR;
            ++counts.dma_errors;
            return;
        }
        ++counts.messages;
        counts.bytes += bytes.size();
        answer.info = crc32c_model((uint32_t)s.argument, bytes.data(), bytes.size());
        answer.sequence = sequences[s.lane]++;
    }

    void leaf(const estream_card_submission& s, CardAnswer& answer)
    {
        answer.info = s.length & 0xffffff;
        std::vector<uint8_t> bytes = {0};
        if (!payload(s, bytes)) {
            answer.status = ESTREAM_CARD_STATUS_DMA_ERROR;
            ++counts.dma_errors;
            return;
        }
        std::array<uint8_t, 32> digest = sha3::hash(bytes);
        std::memcpy(&answer.data, digest.data(), 8);
        ++counts.leaves;
        counts.permutations += bytes.size() / 136 + 1;
        write(answer, s.argument, digest.data(), 32);
    }

    void map_operation(const estream_card_submission& s, CardAnswer& answer)
    {
        answer.is_map = true;
        MapRequest request;
        request.operation = (MapOperation)(s.operation - ESTREAM_CARD_OP_MAP_GET);
        request.key[0] = (uint8_t)s.lane;
        request.key[1] = (uint8_t)(s.length >> 24);
        std::memcpy(&request.key[2], s.inline_bytes, request.key[1]);
        request.value.bytes = (uint8_t)s.length;
        std::memcpy(request.value.data.data(), s.inline_bytes + 16, request.value.bytes);
        request.expected = s.argument;
        MapResult result = map.apply(request);
        answer.status = result.status;
        answer.sequence = result.version;
        answer.info = result.value.bytes;
        if (request.operation == Get) {
            std::memcpy(&answer.data, result.value.data.data(), 8);
            if (result.value.bytes > 8) {
                write(answer, s.address, result.value.data.data(), result.value.bytes);
            }
        } else if (result.status <= ESTREAM_CARD_STATUS_REPLACED) {
            ++counts.changes;
        }
    }

    void write(CardAnswer& answer, uint64_t address, const uint8_t* bytes, size_t count)
    {
        if (address & BadAddress) {
            answer.status = ESTREAM_CARD_STATUS_DMA_ERROR;
            ++counts.dma_errors;
            return;
        }
        answer.written_at = address;
        answer.written.assign(bytes, bytes + count);
    }

    const Memory& memory_;
};

// Reads and overwrites values in a log-structured map of byte strings, as a reference for ByteMap. It takes the same steps as ByteMap, but
// has no durable index, flushes, readers, bounds checks or statistics. Keys and values are the same as in absl_strings.cpp.
// A lookup finds the offset of a block by SipHash-1-3 of the key in an absl::flat_hash_map, and compares the key. A get copies the value
// and verifies the CRC-32C of the block. A put appends a block with a CRC-32C to a mapped file, and then replaces the offset. The file is
// a ring of twice the live bytes: before a block is overwritten, it is copied if the index still refers to it.
#include "map_contender.h"

#include <absl/container/flat_hash_map.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <nmmintrin.h>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

namespace peers {

namespace {

constexpr size_t kKeyBytes = 24;
constexpr size_t kValueBytes = 64;
constexpr uint64_t kAhead = 8;
constexpr size_t kTogether = 16;
constexpr size_t kLanes = 8;

struct Block {
    uint32_t crc;
    uint32_t key_bytes;
    uint32_t value_bytes;
    uint32_t reserved;
    char key[kKeyBytes];
    char value[kValueBytes];
};

// Eight words, one in each lane of a vector of the compiler.
using Lanes = uint64_t __attribute__((vector_size(kLanes * sizeof(uint64_t))));

template <class Word>
Word Rotate(Word words, int bits) {
    return (words << bits) | (words >> (64 - bits));
}

// SipHash-1-3 of one key, or of eight keys at once, as in Heap/ByteHash.cs. word_at returns the eight bytes of each key at an offset.
template <class Word, class WordAt>
Word SipHash(WordAt word_at) {
    Word v0 = Word{} + 0x736F6D6570736575u, v1 = Word{} + 0x646F72616E646F6Du;
    Word v2 = Word{} + 0x6C7967656E657261u, v3 = Word{} + 0x7465646279746573u;
    auto round = [&] {
        v0 += v1;
        v2 += v3;
        v1 = Rotate(v1, 13) ^ v0;
        v3 = Rotate(v3, 16) ^ v2;
        v0 = Rotate(v0, 32);
        v2 += v1;
        v0 += v3;
        v1 = Rotate(v1, 17) ^ v2;
        v3 = Rotate(v3, 21) ^ v0;
        v2 = Rotate(v2, 32);
    };
    auto add = [&](Word word) {
        v3 ^= word;
        round();
        v0 ^= word;
    };
    for (size_t at = 0; at < kKeyBytes; at += sizeof(uint64_t)) {
        add(word_at(at));
    }
    add(Word{} + (uint64_t{kKeyBytes} << 56));
    v2 ^= Word{} + uint64_t{0xFF};
    for (int i = 0; i < 3; i++) {
        round();
    }
    return v0 ^ v1 ^ v2 ^ v3;
}

uint64_t WordAt(const char* bytes) {
    uint64_t word;
    std::memcpy(&word, bytes, sizeof word);
    return word;
}

uint64_t HashOf(const char* key) {
    return SipHash<uint64_t>([&](size_t at) { return WordAt(key + at); });
}

void HashesOf(const Block* blocks, uint64_t* hashes) {
    Lanes all = SipHash<Lanes>([&](size_t at) {
        Lanes words;
        for (size_t i = 0; i < kLanes; i++) {
            words[i] = WordAt(blocks[i].key + at);
        }
        return words;
    });
    std::memcpy(hashes, &all, sizeof all);
}

uint32_t CrcOf(const Block& block) {
    const char* bytes = reinterpret_cast<const char*>(&block) + sizeof block.crc;
    size_t left = sizeof block - sizeof block.crc;
    uint64_t crc = 0xFFFFFFFFu;
    for (; left >= sizeof(uint64_t); left -= sizeof(uint64_t), bytes += sizeof(uint64_t)) {
        uint64_t word;
        std::memcpy(&word, bytes, sizeof word);
        crc = _mm_crc32_u64(crc, word);
    }
    uint32_t last;
    std::memcpy(&last, bytes, sizeof last);
    return ~_mm_crc32_u32(static_cast<uint32_t>(crc), last);
}

struct SameHash {
    size_t operator()(uint64_t hash) const { return hash; }
};

class LogStore {
public:
    explicit LogStore(const Arguments& arguments) : capacity_(2 * arguments.Number("entries") + 64) {
        std::string path = arguments.Text("data") + "/log";
        int file = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        int error = file < 0 ? errno : posix_fallocate(file, 0, static_cast<off_t>(capacity_ * sizeof(Block)));
        void* memory = error != 0
            ? MAP_FAILED
            : mmap(nullptr, capacity_ * sizeof(Block), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, file, 0);
        if (memory == MAP_FAILED) {
            Fail("cannot map " + path + ": " + std::strerror(error != 0 ? error : errno));
        }
        close(file);
        blocks_ = static_cast<Block*>(memory);
    }

    ~LogStore() { munmap(blocks_, capacity_ * sizeof(Block)); }

    void Fill(uint64_t entries) {
        for (uint64_t i = 0; i < entries; i++) {
            Put(KeyOf(i), i);
        }
    }

    bool Get(uint64_t key, uint64_t& value) {
        Block wanted;
        Make(wanted, key, 0);
        auto found = index_.find(HashOf(wanted.key));
        if (found == index_.end()) {
            return false;
        }
        const Block& block = At(found->second);
        if (std::memcmp(block.key, wanted.key, kKeyBytes) != 0) {
            Fail("two keys have the same hash");
        }
        std::memcpy(value_, block.value, sizeof value_);
        asm volatile("" : "+m"(value_));
        if (CrcOf(block) != block.crc) {
            Fail("a block is damaged");
        }
        std::memcpy(&value, value_, sizeof value);
        return true;
    }

    void Put(uint64_t key, uint64_t value) {
        Block block;
        Make(block, key, value);
        uint64_t hash = HashOf(block.key);
        index_.prefetch(hash);
        block.crc = CrcOf(block);
        Install(block, hash);
    }

    // The blocks are written while the buckets are loaded, and then the old blocks are loaded together.
    void PutMany(const uint64_t* keys, uint64_t value) {
        Block blocks[kTogether];
        uint64_t hashes[kTogether];
        for (size_t i = 0; i < kTogether; i++) {
            Make(blocks[i], keys[i], value + i);
        }
        for (size_t i = 0; i < kTogether; i += kLanes) {
            HashesOf(blocks + i, hashes + i);
        }
        for (size_t i = 0; i < kTogether; i++) {
            index_.prefetch(hashes[i]);
        }
        for (size_t i = 0; i < kTogether; i++) {
            blocks[i].crc = CrcOf(blocks[i]);
        }
        for (size_t i = 0; i < kTogether; i++) {
            auto found = index_.find(hashes[i]);
            if (found != index_.end()) {
                __builtin_prefetch(&At(found->second));
            }
        }
        for (size_t i = 0; i < kTogether; i++) {
            Install(blocks[i], hashes[i]);
        }
    }

    uint64_t Sum() {
        uint64_t sum = 0;
        for (const auto& entry : index_) {
            uint64_t value;
            std::memcpy(&value, At(entry.second).value, sizeof value);
            sum += value;
        }
        return sum;
    }

private:
    static void Make(Block& block, uint64_t key, uint64_t value) {
        block = Block{0, kKeyBytes, kValueBytes, 0, {}, {}};
        std::memcpy(block.key, "plant/4/devices/", kKeyBytes - sizeof key);
        std::memcpy(block.key + kKeyBytes - sizeof key, &key, sizeof key);
        std::memcpy(block.value, &value, sizeof value);
    }

    void Install(const Block& block, uint64_t hash) {
        auto found = index_.find(hash);
        if (found != index_.end() && std::memcmp(At(found->second).key, block.key, kKeyBytes) != 0) {
            Fail("two keys have the same hash");
        }
        MakeRoom();
        At(head_) = block;
        if (found == index_.end()) {
            index_.emplace(hash, head_++);
        } else {
            found->second = head_++;
        }
    }

    Block& At(uint64_t number) { return blocks_[number % capacity_]; }

    // Live blocks at the end of the ring are copied to its head, so the next block never overwrites one.
    void MakeRoom() {
        while (head_ - tail_ >= capacity_ - 1) {
            __builtin_prefetch(&At(tail_ + kAhead));
            auto found = index_.find(HashOf(At(tail_).key));
            if (found != index_.end() && found->second == tail_) {
                At(head_) = At(tail_);
                found->second = head_++;
            }
            tail_++;
        }
    }

    uint64_t capacity_;
    Block* blocks_;
    uint64_t head_ = 0;
    uint64_t tail_ = 0;
    absl::flat_hash_map<uint64_t, uint64_t, SameHash> index_;
    char value_[kValueBytes] = {};
};

// The operations of a round are a multiple of the pairs of a call.
class LogPutMany final : public MapContender<LogStore> {
public:
    using MapContender<LogStore>::MapContender;

    RunResult Run() override {
        KeySequence sequence = keys_;
        RoundTimer timer;
        for (uint64_t i = 0; i < operations_; i += kTogether) {
            uint64_t keys[kTogether];
            for (uint64_t& key : keys) {
                key = sequence.Next();
            }
            store_.PutMany(keys, value_);
            value_ += kTogether;
        }
        RunResult result = timer.Stop(operations_);
        keys_ = sequence;
        result.check = store_.Sum();
        return result;
    }

private:
    uint64_t value_ = 0;
};

const Registration registrations[] = {
    {"log-strings-get", MakeContender<MapGet<LogStore>>},
    {"log-strings-put", MakeContender<MapPut<LogStore>>},
    {"log-strings-put-batch", MakeContender<LogPutMany>},
};

}  // namespace

}  // namespace peers

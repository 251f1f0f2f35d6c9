// Floor of StateMap: a batched, prefetching table like DLHT and DRAMHiT. A bucket is one cache line with a header word and three
// slots, on default pages. The table executes only the steps that this layout needs: it has no files, growth, recovery or
// statistics. A get verifies the header like a reader of a sequence lock. A batch draws sixteen keys and prefetches their
// buckets before the first access. With two writers, a put locks the stripe of its key, 1,024 consecutive buckets, with one
// atomic instruction.
#include "map_contender.h"
#include "../together.h"

#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

namespace peers {

namespace {

constexpr size_t kSlots = 3;
constexpr uint64_t kBatch = 16;
constexpr int kStripeShift = 10;

struct Slot {
    uint64_t key;
    uint64_t value;
};

// The header has a bit for each occupied slot, an overflow bit (a search continues in the next bucket), and a version in the higher bits.
struct alignas(64) Bucket {
    uint64_t header;
    Slot slots[kSlots];
};

struct alignas(64) Stripe {
    uint64_t owner;
};

constexpr uint64_t kOverflow = uint64_t{1} << 8;
constexpr uint64_t kVersionStep = uint64_t{1} << 16;

// The hash function of Table/KeyHash.cs: two multiplications with a shift between them.
uint64_t HashOf(uint64_t key) {
    uint64_t state = (key ^ 0xE220A8397B1DCDAFu) * 0x6E789E6AA1B965F5u;
    return (state ^ (state >> 32)) * 0x06C45D188009454Fu;
}

class BucketStore {
public:
    explicit BucketStore(const Arguments& arguments) {
        uint64_t wanted = arguments.Number("entries") * 2 / kSlots;
        shift_ = 64;
        buckets_count_ = 1;
        while (buckets_count_ < wanted || buckets_count_ < (uint64_t{1} << kStripeShift)) {
            buckets_count_ *= 2;
            shift_--;
        }
        buckets_.reset(Zeroed<Bucket>(buckets_count_));
        stripes_.reset(Zeroed<Stripe>(buckets_count_ >> kStripeShift));
    }

    void Fill(uint64_t entries) {
        for (uint64_t i = 0; i < entries; i++) {
            Insert(KeyOf(i), i);
        }
    }

    uint64_t HomeOf(uint64_t key) const { return HashOf(key) >> shift_; }

    void Prefetch(uint64_t home) const { __builtin_prefetch(&buckets_.get()[home]); }

    void PrefetchLock(uint64_t home) const { __builtin_prefetch(&stripes_.get()[home >> kStripeShift], 1); }

    bool Get(uint64_t key, uint64_t& value) const { return GetAt(HomeOf(key), key, value); }

    bool GetAt(uint64_t home, uint64_t key, uint64_t& value) const {
        while (true) {
            const Bucket& bucket = buckets_.get()[home];
            uint64_t header = __atomic_load_n(&bucket.header, __ATOMIC_ACQUIRE);
            unsigned hits = HitsIn(bucket, header, key);
            if (hits != 0) {
                value = __atomic_load_n(&bucket.slots[__builtin_ctz(hits)].value, __ATOMIC_RELAXED);
            }
            __atomic_thread_fence(__ATOMIC_ACQUIRE);
            if (__atomic_load_n(&bucket.header, __ATOMIC_RELAXED) != header) {
                continue;
            }
            if (hits != 0 || (header & kOverflow) == 0) {
                return hits != 0;
            }
            home = (home + 1) & (buckets_count_ - 1);
        }
    }

    void Put(uint64_t key, uint64_t value) { PutAt(HomeOf(key), key, value); }

    void PutAt(uint64_t home, uint64_t key, uint64_t value) {
        while (true) {
            Bucket& bucket = buckets_.get()[home];
            unsigned hits = HitsIn(bucket, bucket.header, key);
            if (hits != 0) {
                __atomic_store_n(&bucket.slots[__builtin_ctz(hits)].value, value, __ATOMIC_RELEASE);
                return;
            }
            if ((bucket.header & kOverflow) == 0) {
                Fail("the key of a put is missing");
            }
            home = (home + 1) & (buckets_count_ - 1);
        }
    }

    void Lock(uint64_t home, uint64_t owner) {
        uint64_t* word = &stripes_.get()[home >> kStripeShift].owner;
        uint64_t free = 0;
        while (!__atomic_compare_exchange_n(word, &free, owner, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
            free = 0;
            Pause(1);
        }
    }

    void Unlock(uint64_t home) { __atomic_store_n(&stripes_.get()[home >> kStripeShift].owner, uint64_t{0}, __ATOMIC_RELEASE); }

    uint64_t Sum() const {
        uint64_t sum = 0;
        for (uint64_t i = 0; i < buckets_count_; i++) {
            const Bucket& bucket = buckets_.get()[i];
            for (size_t slot = 0; slot < kSlots; slot++) {
                sum += (bucket.header >> slot & 1) != 0 ? bucket.slots[slot].value : 0;
            }
        }
        return sum;
    }

private:
    struct Free {
        void operator()(void* memory) const { std::free(memory); }
    };

    template <class T>
    static T* Zeroed(uint64_t count) {
        void* memory = std::aligned_alloc(alignof(T), count * sizeof(T));
        if (memory == nullptr) {
            throw std::bad_alloc();
        }
        return static_cast<T*>(std::memset(memory, 0, count * sizeof(T)));
    }

    // Returns a bit for each occupied slot that has the key. Executes no branch.
    static unsigned HitsIn(const Bucket& bucket, uint64_t header, uint64_t key) {
        unsigned hits = 0;
        for (size_t slot = 0; slot < kSlots; slot++) {
            hits |= static_cast<unsigned>(bucket.slots[slot].key == key) << slot;
        }
        return hits & static_cast<unsigned>(header);
    }

    void Insert(uint64_t key, uint64_t value) {
        for (uint64_t home = HomeOf(key);; home = (home + 1) & (buckets_count_ - 1)) {
            Bucket& bucket = buckets_.get()[home];
            for (size_t slot = 0; slot < kSlots; slot++) {
                if ((bucket.header >> slot & 1) == 0) {
                    bucket.slots[slot] = {key, value};
                    bucket.header = (bucket.header | uint64_t{1} << slot) + kVersionStep;
                    return;
                }
            }
            bucket.header = (bucket.header | kOverflow) + kVersionStep;
        }
    }

    uint64_t buckets_count_;
    int shift_;
    std::unique_ptr<Bucket[], Free> buckets_;
    std::unique_ptr<Stripe[], Free> stripes_;
};

// Sixteen keys with prefetched buckets.
struct Batch {
    Batch(KeySequence& sequence, const BucketStore& store) {
        for (uint64_t at = 0; at < kBatch; at++) {
            keys[at] = sequence.Next();
            homes[at] = store.HomeOf(keys[at]);
            store.Prefetch(homes[at]);
        }
    }

    uint64_t keys[kBatch];
    uint64_t homes[kBatch];
};

class BucketGetBatch final : public MapContender<BucketStore> {
public:
    using MapContender<BucketStore>::MapContender;

    RunResult Run() override {
        uint64_t sum = 0;
        KeySequence keys = keys_;
        RoundTimer timer;
        for (uint64_t i = 0; i < operations_; i += kBatch) {
            Batch batch(keys, store_);
            for (uint64_t at = 0; at < kBatch; at++) {
                uint64_t value = 0;
                sum += store_.GetAt(batch.homes[at], batch.keys[at], value) ? value : 0;
            }
        }
        RunResult result = timer.Stop(operations_);
        keys_ = keys;
        result.check = sum;
        return result;
    }
};

class BucketPutBatch final : public MapContender<BucketStore> {
public:
    using MapContender<BucketStore>::MapContender;

    RunResult Run() override {
        KeySequence keys = keys_;
        RoundTimer timer;
        for (uint64_t i = 0; i < operations_; i += kBatch) {
            Batch batch(keys, store_);
            for (uint64_t at = 0; at < kBatch; at++) {
                store_.PutAt(batch.homes[at], batch.keys[at], value_++);
            }
        }
        RunResult result = timer.Stop(operations_);
        keys_ = keys;
        result.check = store_.Sum();
        return result;
    }

private:
    uint64_t value_ = 0;
};

// Two threads draw the same sequence of entries. Each puts every other entry, as in Product/Maps/MapPutTogetherContender.cs.
class BucketPutTogether final : public MapContender<BucketStore> {
public:
    using MapContender<BucketStore>::MapContender;

    RunResult Run() override {
        RunResult result = Combined(RunTogether(kWriters, [this](unsigned writer) { return Write(writer); }));
        result.check = store_.Sum();
        return result;
    }

private:
    static constexpr unsigned kWriters = 2;

    struct alignas(64) Writer {
        explicit Writer(uint64_t entries) : keys(entries) {}

        KeySequence keys;
        uint64_t value = 0;
        uint64_t put = 0;
        uint64_t filled = 0;
        uint64_t batch[kBatch];
        uint64_t values[kBatch];
    };

    RunResult Write(unsigned number) {
        Writer writer = writers_[number];
        writer.put = 0;
        RoundTimer timer;
        for (uint64_t end = writer.value + operations_; writer.value < end; writer.value++) {
            uint64_t entry = writer.keys.NextEntry();
            writer.batch[writer.filled] = KeyOf(entry);
            writer.values[writer.filled] = writer.value;
            writer.filled += (entry ^ number ^ 1) & 1;
            if (writer.filled == kBatch) {
                PutAll(writer, number + 1);
            }
        }
        PutAll(writer, number + 1);
        RunResult result = timer.Stop(writer.put);
        writers_[number] = writer;
        return result;
    }

    void PutAll(Writer& writer, uint64_t owner) {
        uint64_t homes[kBatch];
        for (uint64_t at = 0; at < writer.filled; at++) {
            homes[at] = store_.HomeOf(writer.batch[at]);
            store_.Prefetch(homes[at]);
            store_.PrefetchLock(homes[at]);
        }
        for (uint64_t at = 0; at < writer.filled; at++) {
            store_.Lock(homes[at], owner);
            store_.PutAt(homes[at], writer.batch[at], writer.values[at]);
            store_.Unlock(homes[at]);
        }
        writer.put += writer.filled;
        writer.filled = 0;
    }

    Writer writers_[kWriters] = {Writer(entries_), Writer(entries_)};
};

const Registration registrations[] = {
    {"bucket-get", MakeContender<MapGet<BucketStore>>},
    {"bucket-get-batch", MakeContender<BucketGetBatch>},
    {"bucket-put-batch", MakeContender<BucketPutBatch>},
    {"bucket-put-together", MakeContender<BucketPutTogether>},
};

}  // namespace

}  // namespace peers

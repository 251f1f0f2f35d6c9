// absl::flat_hash_map with its own default hash: 8-byte keys, 8-byte values, one thread; on default pages, and on huge
// pages if the kernel gives them.
#include "map_contender.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <new>
#include <sys/mman.h>

namespace peers {

namespace {

constexpr size_t kHugePage = size_t{2} << 20;

// Large blocks are aligned to huge pages and request them; small ones come from the default allocator.
template <class T>
struct HugePageAllocator {
    using value_type = T;

    HugePageAllocator() = default;

    template <class U>
    HugePageAllocator(const HugePageAllocator<U>&) {}

    T* allocate(size_t count) {
        size_t bytes = count * sizeof(T);
        if (bytes < kHugePage) {
            return std::allocator<T>().allocate(count);
        }
        void* memory = std::aligned_alloc(kHugePage, Rounded(bytes));
        if (memory == nullptr) {
            throw std::bad_alloc();
        }
        madvise(memory, Rounded(bytes), MADV_HUGEPAGE);
        return static_cast<T*>(memory);
    }

    void deallocate(T* memory, size_t count) {
        if (count * sizeof(T) < kHugePage) {
            std::allocator<T>().deallocate(memory, count);
        } else {
            std::free(memory);
        }
    }

    friend bool operator==(const HugePageAllocator&, const HugePageAllocator&) { return true; }
    friend bool operator!=(const HugePageAllocator&, const HugePageAllocator&) { return false; }

private:
    static size_t Rounded(size_t bytes) { return (bytes + kHugePage - 1) / kHugePage * kHugePage; }
};

template <class Map>
class AbslStore {
public:
    explicit AbslStore(const Arguments&) {}

    void Fill(uint64_t entries) {
        for (uint64_t i = 0; i < entries; i++) {
            map_[KeyOf(i)] = i;
        }
    }

    bool Get(uint64_t key, uint64_t& value) const {
        auto found = map_.find(key);
        if (found == map_.end()) {
            return false;
        }
        value = found->second;
        return true;
    }

    void Put(uint64_t key, uint64_t value) { map_[key] = value; }

    bool CompareExchange(uint64_t key, uint64_t expected, uint64_t replacement) {
        auto found = map_.find(key);
        return found != map_.end() &&
               __atomic_compare_exchange_n(&found->second, &expected, replacement, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    }

    void Prefetch(uint64_t key) const { map_.prefetch(key); }

    uint64_t Sum() const {
        uint64_t sum = 0;
        for (const auto& entry : map_) {
            sum += entry.second;
        }
        return sum;
    }

private:
    Map map_;
};

using Default = AbslStore<absl::flat_hash_map<uint64_t, uint64_t>>;
using Huge = AbslStore<absl::flat_hash_map<
    uint64_t, uint64_t, absl::flat_hash_map<uint64_t, uint64_t>::hasher, std::equal_to<uint64_t>,
    HugePageAllocator<std::pair<const uint64_t, uint64_t>>>>;

// Draws sixteen keys and prefetches their slots before the first lookup.
class BatchGet final : public MapContender<Default> {
public:
    using MapContender<Default>::MapContender;

    RunResult Run() override {
        uint64_t sum = 0;
        KeySequence keys = keys_;
        RoundTimer timer;
        for (uint64_t i = 0; i < operations_; i += kBatch) {
            uint64_t batch[kBatch];
            for (uint64_t& key : batch) {
                key = keys.Next();
                store_.Prefetch(key);
            }
            for (uint64_t key : batch) {
                uint64_t value = 0;
                if (store_.Get(key, value)) {
                    sum += value;
                }
            }
        }
        RunResult result = timer.Stop(operations_);
        keys_ = keys;
        result.check = sum;
        return result;
    }

private:
    static constexpr uint64_t kBatch = 16;
};

const Registration registrations[] = {
    {"absl-get", MakeContender<MapGet<Default>>},
    {"absl-get-batch", MakeContender<BatchGet>},
    {"absl-get-dependent", MakeContender<MapGetDependent<Default>>},
    {"absl-put", MakeContender<MapPut<Default>>},
    {"absl-cas", MakeContender<MapCompareExchange<Default>>},
    {"absl-huge-get", MakeContender<MapGet<Huge>>},
    {"absl-huge-get-dependent", MakeContender<MapGetDependent<Huge>>},
    {"absl-huge-put", MakeContender<MapPut<Huge>>},
    {"absl-huge-cas", MakeContender<MapCompareExchange<Huge>>},
};

}  // namespace

}  // namespace peers

// tbb::concurrent_hash_map: every operation holds the entry's lock through an accessor.
#include "map_contender.h"

#include <tbb/concurrent_hash_map.h>

namespace peers {

namespace {

class TbbStore {
public:
    explicit TbbStore(const Arguments&) {}

    void Fill(uint64_t entries) {
        for (uint64_t i = 0; i < entries; i++) {
            map_.emplace(KeyOf(i), i);
        }
    }

    bool Get(uint64_t key, uint64_t& value) const {
        Map::const_accessor entry;
        if (!map_.find(entry, key)) {
            return false;
        }
        value = entry->second;
        return true;
    }

    void Put(uint64_t key, uint64_t value) {
        Map::accessor entry;
        map_.insert(entry, key);
        entry->second = value;
    }

    bool CompareExchange(uint64_t key, uint64_t expected, uint64_t replacement) {
        Map::accessor entry;
        if (!map_.find(entry, key) || entry->second != expected) {
            return false;
        }
        entry->second = replacement;
        return true;
    }

    uint64_t Sum() const {
        uint64_t sum = 0;
        for (const auto& entry : map_) {
            sum += entry.second;
        }
        return sum;
    }

private:
    using Map = tbb::concurrent_hash_map<uint64_t, uint64_t>;

    Map map_;
};

const Registration registrations[] = {
    {"tbb-get", MakeContender<MapGet<TbbStore>>},
    {"tbb-put", MakeContender<MapPut<TbbStore>>},
    {"tbb-cas", MakeContender<MapCompareExchange<TbbStore>>},
};

}  // namespace

}  // namespace peers

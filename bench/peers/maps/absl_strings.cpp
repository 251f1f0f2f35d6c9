// absl::flat_hash_map of std::string to std::string, one thread. Keys and values as in Workloads/Maps/ByteEntry.cs: 24 bytes, of which the
// last eight differ, and 64 bytes, which start with a number. A get copies the value, as the product's does.
#include "map_contender.h"

#include <absl/container/flat_hash_map.h>
#include <absl/strings/string_view.h>

#include <cstring>
#include <string>

namespace peers {

namespace {

class StringStore {
public:
    explicit StringStore(const Arguments&) {}

    void Fill(uint64_t entries) {
        for (uint64_t i = 0; i < entries; i++) {
            Put(KeyOf(i), i);
        }
    }

    bool Get(uint64_t key, uint64_t& value) {
        auto found = map_.find(Key(key));
        if (found == map_.end()) {
            return false;
        }
        std::memcpy(value_, found->second.data(), sizeof value_);
        asm volatile("" : "+m"(value_));
        std::memcpy(&value, value_, sizeof value);
        return true;
    }

    void Put(uint64_t key, uint64_t value) {
        std::memcpy(value_, &value, sizeof value);
        map_.try_emplace(Key(key)).first->second.assign(value_, sizeof value_);
    }

    uint64_t Sum() const {
        uint64_t sum = 0;
        for (const auto& entry : map_) {
            uint64_t value = 0;
            std::memcpy(&value, entry.second.data(), sizeof value);
            sum += value;
        }
        return sum;
    }

private:
    static constexpr size_t kPrefixBytes = 16;

    absl::string_view Key(uint64_t key) {
        std::memcpy(key_ + kPrefixBytes, &key, sizeof key);
        return {key_, kPrefixBytes + sizeof key};
    }

    absl::flat_hash_map<std::string, std::string> map_;
    char key_[kPrefixBytes + sizeof(uint64_t) + 1] = "plant/4/devices/";
    char value_[64] = {};
};

const Registration registrations[] = {
    {"absl-strings-get", MakeContender<MapGet<StringStore>>},
    {"absl-strings-put", MakeContender<MapPut<StringStore>>},
};

}  // namespace

}  // namespace peers

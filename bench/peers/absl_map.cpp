// absl::flat_hash_map with its own default hash: 8-byte keys, 8-byte values, default pages, one thread.
#include "contender.h"
#include "key_sequence.h"

#include <absl/container/flat_hash_map.h>

namespace peers {

namespace {

class AbslMap : public Contender {
public:
    explicit AbslMap(const Arguments& arguments)
        : entries_(arguments.Number("entries")), operations_(arguments.Number("operations")), keys_(entries_) {
        for (uint64_t i = 0; i < entries_; i++) {
            map_[KeyOf(i)] = i;
        }
    }

protected:
    uint64_t entries_;
    uint64_t operations_;
    KeySequence keys_;
    absl::flat_hash_map<uint64_t, uint64_t> map_;
};

class AbslGet final : public AbslMap {
public:
    using AbslMap::AbslMap;

    RunResult Run() override {
        uint64_t sum = 0;
        KeySequence keys = keys_;
        RoundTimer timer;
        for (uint64_t i = 0; i < operations_; i++) {
            auto found = map_.find(keys.Next());
            if (found != map_.end()) {
                sum += found->second;
            }
        }
        RunResult result = timer.Stop(operations_);
        keys_ = keys;
        result.check = sum;
        return result;
    }
};

class AbslPut final : public AbslMap {
public:
    using AbslMap::AbslMap;

    RunResult Run() override {
        KeySequence keys = keys_;
        RoundTimer timer;
        for (uint64_t i = 0; i < operations_; i++) {
            map_[keys.Next()] = value_++;
        }
        RunResult result = timer.Stop(operations_);
        keys_ = keys;
        result.check = SumOfValues();
        return result;
    }

private:
    uint64_t SumOfValues() const {
        uint64_t sum = 0;
        for (const auto& entry : map_) {
            sum += entry.second;
        }
        return sum;
    }

    uint64_t value_ = 0;
};

}  // namespace

std::unique_ptr<Contender> MakeAbslGet(const Arguments& arguments) {
    return std::make_unique<AbslGet>(arguments);
}

std::unique_ptr<Contender> MakeAbslPut(const Arguments& arguments) {
    return std::make_unique<AbslPut>(arguments);
}

}  // namespace peers

// The common part of the maps: entry i exists with value i, and a round is a number of operations on present keys. A Store
// wraps one implementation: Fill, Get, Put, CompareExchange, Sum. Its calls are inlined into these loops.
#pragma once

#include "contender.h"
#include "key_sequence.h"

namespace peers {

template <class Store>
class MapContender : public Contender {
public:
    explicit MapContender(const Arguments& arguments)
        : entries_(arguments.Number("entries")), operations_(arguments.Number("operations")), store_(arguments), keys_(entries_) {
        store_.Fill(entries_);
    }

protected:
    uint64_t entries_;
    uint64_t operations_;
    Store store_;
    KeySequence keys_;
};

template <class Store>
class MapGet final : public MapContender<Store> {
public:
    using MapContender<Store>::MapContender;

    RunResult Run() override {
        uint64_t sum = 0;
        KeySequence keys = this->keys_;
        RoundTimer timer;
        for (uint64_t i = 0; i < this->operations_; i++) {
            uint64_t value = 0;
            if (this->store_.Get(keys.Next(), value)) {
                sum += value;
            }
        }
        RunResult result = timer.Stop(this->operations_);
        this->keys_ = keys;
        result.check = sum;
        return result;
    }
};

template <class Store>
class MapGetDependent final : public MapContender<Store> {
public:
    using MapContender<Store>::MapContender;

    RunResult Run() override {
        uint64_t sum = 0;
        uint64_t value = 0;
        KeySequence keys = this->keys_;
        RoundTimer timer;
        for (uint64_t i = 0; i < this->operations_; i++) {
            if (this->store_.Get(keys.NextAfter(value), value)) {
                sum += value;
            }
        }
        RunResult result = timer.Stop(this->operations_);
        this->keys_ = keys;
        result.check = sum;
        return result;
    }
};

template <class Store>
class MapPut final : public MapContender<Store> {
public:
    using MapContender<Store>::MapContender;

    RunResult Run() override {
        KeySequence keys = this->keys_;
        RoundTimer timer;
        for (uint64_t i = 0; i < this->operations_; i++) {
            this->store_.Put(keys.Next(), value_++);
        }
        RunResult result = timer.Stop(this->operations_);
        this->keys_ = keys;
        result.check = this->store_.Sum();
        return result;
    }

private:
    uint64_t value_ = 0;
};

template <class Store>
class MapCompareExchange final : public MapContender<Store> {
public:
    explicit MapCompareExchange(const Arguments& arguments) : MapContender<Store>(arguments), turns_(this->entries_) {}

    RunResult Run() override {
        uint64_t replaced = 0;
        TurnSequence turns = turns_;
        RoundTimer timer;
        for (uint64_t i = 0; i < this->operations_; i++) {
            uint64_t key = turns.Next();
            uint64_t expected = turns.Value();
            replaced += this->store_.CompareExchange(key, expected, expected + 1) ? 1 : 0;
        }
        RunResult result = timer.Stop(this->operations_);
        turns_ = turns;
        result.check = replaced;
        return result;
    }

private:
    TurnSequence turns_;
};

template <class T>
std::unique_ptr<Contender> MakeContender(const Arguments& arguments) {
    return std::make_unique<T>(arguments);
}

}  // namespace peers

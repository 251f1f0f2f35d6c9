// Tests the hot-key memory in front of the map against a model: hits take one cycle, and every answer matches the position
// of its operation in the order, although hits overtake earlier operations. See README.md of the block.
#include "Vhot_map.h"
#include "bench.hpp"
#include "map_model.hpp"

#include <memory>
#include <unordered_map>

namespace {

constexpr int Lanes = 4;
constexpr uint32_t Entries = 16;

struct Sent {
    MapRequest request;
    MapResult expected;
    uint64_t accepted;
};

class Bench {
public:
    Bench(uint64_t seed, uint64_t operations) : random_(seed), map_pressure_(random_), hit_pressure_(random_), operations_(operations) {}

    int run();

private:
    void make();
    void accept();
    void finish_map();
    void finish_hit();
    void reset();

    std::unique_ptr<Vhot_map> top_ = std::make_unique<Vhot_map>();
    bench::Random random_;
    bench::Pressure map_pressure_, hit_pressure_;
    bench::Coverage coverage_{{"get.hit", "get.miss", "get.absent", "put.hot_key", "cas.hot_key", "delete.hot_key",
        "hit.while_map_is_full", "hit.passes_older", "hit.waits", "hit.behind_put_of_key_under_way", "miss.behind_put_of_key_under_way",
        "map.put", "map.cas", "map.delete", "map.full", "reset.under_way", "reset.with_hit", "get.more_keys_than_entries"}};
    bench::Histogram hits_;
    MapModel model_{Lanes};
    std::unordered_map<uint64_t, Sent> sent_;
    MapRequest request_;
    bool sending_ = false;
    uint64_t tag_ = 0, done_ = 0, operations_, hit_free_since_ = 0;
    uint32_t keys_ = 24;
};

void Bench::make()
{
    request_ = {};
    request_.operation = random_.percent(65) ? Get : (MapOperation)random_.below(4);
    if (keys_ > 128 && random_.percent(80)) {
        request_.operation = Put;
    }
    request_.key = map_key(keys_ <= 128 && random_.percent(70) ? random_.below(12) : random_.below(keys_), Lanes);
    request_.value.bytes = (uint8_t)random_.below(17);
    for (int i = 0; i < request_.value.bytes; ++i) {
        request_.value.data[i] = (uint8_t)random_.next();
    }
    request_.expected = random_.percent(70) ? model_.version(request_.key) : random_.below(3);
    top_->in_operation = request_.operation;
    top_->in_lane = request_.key[0];
    top_->in_key_bytes = request_.key[1];
    top_->in_value_bytes = request_.value.bytes;
    bench::set_bytes(top_->in_key, 0, &request_.key[2], 16);
    bench::set_bytes(top_->in_value, 0, request_.value.data.data(), 16);
    top_->in_expected = request_.expected;
    top_->in_tag = tag_;
    sending_ = true;
}

// The model answers when an operation enters, which defines its position in the order.
void Bench::accept()
{
    bool is_hit = request_.operation == Get && !top_->missed;
    uint32_t older = 0;
    bool changes_key = false;
    for (const auto& [tag, sent] : sent_) {
        older += 1;
        changes_key |= sent.request.operation != Get && sent.request.key == request_.key;
    }
    if (request_.operation == Get) {
        coverage_.hit(is_hit ? "get.hit" : "get.miss");
        coverage_.hit_if(is_hit && older > 0, "hit.passes_older");
        coverage_.hit_if(is_hit && top_->out_valid && !top_->out_ready, "hit.while_map_is_full");
        coverage_.hit_if(is_hit && changes_key, "hit.behind_put_of_key_under_way");
        coverage_.hit_if(!is_hit && changes_key, "miss.behind_put_of_key_under_way");
        coverage_.hit_if(!is_hit && keys_ > Entries && model_.contains(request_.key), "get.more_keys_than_entries");
    } else {
        static const char* const names[] = {"", "put", "cas", "delete"};
        coverage_.hit(std::string("map.") + names[request_.operation]);
        coverage_.hit_if(model_.contains(request_.key), (std::string(names[request_.operation]) + ".hot_key").c_str());
    }
    // A put of a new key may find the map full; except in phases with many keys, there are too few keys for that.
    sent_[tag_++] = {request_, keys_ <= 128 ? model_.apply(request_) : MapResult{}, bench::g_position.cycle};
    sending_ = false;
    // Four in the pipeline, one waiting at each port, and this one.
    bench::check(sent_.size() <= 7, "an operation that never comes out");
}

void Bench::finish_map()
{
    auto found = sent_.find(top_->out_tag);
    bench::check(found != sent_.end(), "a result of the map without a request, or a duplicate result");
    Sent sent = found->second;
    sent_.erase(found);
    ++done_;
    if (keys_ > 128) {
        coverage_.hit_if(top_->out_status == Full, "map.full");
        return;
    }
    bench::equal(sent.expected.status, top_->out_status, "status");
    bench::equal(sent.expected.version, top_->out_version, "version");
    coverage_.hit_if(top_->out_status == Absent && sent.request.operation == Get, "get.absent");
    if (sent.request.operation == Get && top_->out_status == Ok) {
        bench::equal(sent.expected.value.bytes, top_->out_value[4] & 31, "bytes of the value");
        for (int i = 0; i < 16; ++i) {
            bench::equal(sent.expected.value.data[i], bench::get_byte(top_->out_value, i), "value");
        }
    }
}

void Bench::finish_hit()
{
    auto found = sent_.find(top_->hit_tag);
    bench::check(found != sent_.end(), "a hit without a request, or a duplicate hit");
    Sent sent = found->second;
    sent_.erase(found);
    ++done_;
    bench::equal(Get, sent.request.operation, "only a get hits");
    if (hit_free_since_ <= sent.accepted) {
        hits_.add(bench::g_position.cycle - sent.accepted);
    }
    if (keys_ > 128) {
        return;
    }
    bench::equal(sent.expected.status, Ok, "a hit of an absent key");
    bench::equal(sent.expected.version, top_->hit_version, "version of a hit");
    bench::equal(sent.expected.value.bytes, top_->hit_value[4] & 31, "bytes of the value of a hit");
    for (int i = 0; i < 16; ++i) {
        bench::equal(sent.expected.value.data[i], bench::get_byte(top_->hit_value, i), "value of a hit");
    }
}

void Bench::reset()
{
    coverage_.hit_if(!sent_.empty(), "reset.under_way");
    coverage_.hit_if(top_->hit_valid, "reset.with_hit");
    top_->rst = 1;
    top_->in_valid = 0;
    bench::edge(*top_);
    top_->rst = 0;
    top_->eval();
    while (!top_->ready) {
        bench::edge(*top_);
    }
    bench::check(!top_->hit_valid && !top_->out_valid, "a result remains after a reset");
    sent_.clear();
    model_.clear();
    sending_ = false;
    hit_free_since_ = bench::g_position.cycle;
    // Occasionally uses so many keys that entries are displaced: then answers are not compared, but all must arrive.
    keys_ = random_.percent(10) ? 2000 : 8 + random_.below(100);
}

int Bench::run()
{
    top_->clk = 0;
    reset();
    uint64_t next_reset = 500;
    while (done_ < operations_) {
        if (bench::g_position.cycle >= next_reset) {
            reset();
            next_reset = bench::g_position.cycle + 50 + random_.below(6000);
        }
        if (!sending_ && random_.percent(95)) {
            make();
        }
        top_->in_valid = sending_;
        top_->out_ready = map_pressure_.is_ready();
        top_->hit_ready = hit_pressure_.is_ready();
        if (!hit_pressure_.is_free()) {
            hit_free_since_ = bench::g_position.cycle + 1;
        }
        top_->eval();
        // An output of this cycle was accepted before the input of this cycle.
        if (top_->out_valid && top_->out_ready) {
            finish_map();
        }
        coverage_.hit_if(top_->hit_valid && !top_->hit_ready, "hit.waits");
        if (top_->hit_valid && top_->hit_ready) {
            finish_hit();
        }
        if (top_->in_valid && top_->in_ready) {
            accept();
        }
        bench::edge(*top_);
    }
    hits_.print("latency of hits without back-pressure");
    bench::check(hits_.is_only(1), "a hit took longer than a cycle");
    return bench::finish(coverage_, done_);
}

}  // namespace

int main(int count, char** arguments)
{
    bench::g_position.seed = bench::argument(count, arguments, "seed", 1);
    return Bench(bench::g_position.seed, bench::argument(count, arguments, "operations", 100000)).run();
}

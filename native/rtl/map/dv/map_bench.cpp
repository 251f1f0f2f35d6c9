// Tests the map engine against a model: results in order, fixed latency, load, displacement, damage. See README.md of the block.
#include "Vmap.h"
#include "Vmap___024root.h"
#include "bench.hpp"
#include "map_model.hpp"

#include <deque>
#include <memory>

namespace {

constexpr int Lanes = 4;
constexpr uint64_t Latency = 4;
constexpr uint32_t Slots = 4 << MAP_SLOT_BITS;  // as bench.sh builds the map
constexpr uint64_t MostMoveCycles = 2 * (64 + 1) + 2;
const char* const Names[] = {"get", "put", "cas", "delete"};

struct Sent {
    MapRequest request;
    uint64_t tag, accepted, moves;
    bool is_free;
};

class Bench {
public:
    Bench(uint64_t seed, uint64_t operations) : random_(seed), pressure_(random_), operations_(operations) {}

    int run();

private:
    MapRequest make();
    void send(const MapRequest& request);
    void step();
    void take();
    void judge(const Sent& sent, uint8_t status);
    void reset();
    void wait_ready();
    void drain();
    void fill_up();
    void damage();
    void compare_all();

    std::unique_ptr<Vmap> top_ = std::make_unique<Vmap>();
    bench::Random random_;
    bench::Pressure pressure_;
    bench::Coverage coverage_{points()};
    bench::Histogram latency_, displacement_;
    MapModel model_{Lanes};
    std::deque<Sent> sent_;
    std::deque<MapKey> recent_;
    std::vector<MapKey> stashed_keys_;
    uint64_t tag_ = 0, done_ = 0, operations_, moves_ = 0, free_since_ = 0;
    uint32_t keys_ = 2 * Slots;
    bool expects_damage_ = false, always_ready_ = false, may_reset_ = false, was_stashed_ = false;

    static std::vector<std::string> points();
};

std::vector<std::string> Bench::points()
{
    std::vector<std::string> all = {"get.ok", "get.absent", "put.created", "put.replaced", "put.full", "cas.created", "cas.replaced",
        "cas.conflict", "cas.absent", "cas.full", "delete.ok", "delete.absent", "delete.conflict", "stash.get", "stash.put", "stash.cas",
        "stash.delete", "stash.filled_from_tables", "stash.back_into_tables", "displaced", "pressure.under_load", "load.90_percent",
        "damage.get", "damage.put", "damage.cas", "damage.delete", "version.set"};
    for (const char* first : Names) {
        for (const char* second : Names) {
            for (int distance = 1; distance <= 4; ++distance) {
                all.push_back(std::string("hazard.") + first + "_" + second + "." + std::to_string(distance));
            }
        }
    }
    for (const char* phase : {"clear", "run", "read", "look", "reread"}) {
        all.push_back(std::string("reset.") + phase);
    }
    return all;
}

MapRequest Bench::make()
{
    MapRequest request;
    request.operation = (MapOperation)random_.below(4);
    if (random_.percent(55) && !recent_.empty()) {
        request.key = recent_[random_.below((uint32_t)recent_.size())];
    } else {
        request.key = map_key(random_.below(keys_), Lanes);
    }
    request.value.bytes = (uint8_t)random_.below(17);
    for (int i = 0; i < request.value.bytes; ++i) {
        request.value.data[i] = (uint8_t)random_.next();
    }
    // Often the key's current version, or one slightly later.
    uint64_t version = model_.version(request.key);
    request.expected = random_.percent(70) ? version : random_.percent(40) ? 0 : version + random_.below(3);
    return request;
}

void Bench::send(const MapRequest& request)
{
    top_->in_valid = 1;
    top_->in_operation = request.operation;
    top_->in_lane = request.key[0];
    top_->in_key_bytes = request.key[1];
    top_->in_value_bytes = request.value.bytes;
    bench::set_bytes(top_->in_key, 0, &request.key[2], 16);
    bench::set_bytes(top_->in_value, 0, request.value.data.data(), 16);
    top_->in_expected = request.expected;
    bench::set_number(top_->in_tag, 0, tag_, 8);
    for (;;) {
        top_->out_ready = always_ready_ || pressure_.is_ready();
        top_->eval();
        bool moves = top_->in_ready;
        if (moves) {
            for (size_t i = 0; i < recent_.size(); ++i) {
                if (recent_[i] == request.key && i < sent_.size() + 1 && i < 4 && sent_.size() > i) {
                    coverage_.hit(std::string("hazard.") + Names[sent_[sent_.size() - 1 - i].request.operation] + "_"
                        + Names[request.operation] + "." + std::to_string(i + 1));
                }
            }
            recent_.push_front(request.key);
            if (recent_.size() > 6) {
                recent_.pop_back();
            }
            sent_.push_back({request, tag_++, bench::g_position.cycle, moves_, always_ready_ || pressure_.is_free()});
        }
        step();
        if (moves) {
            top_->in_valid = 0;
            return;
        }
        if (may_reset_ && top_->rootp->map__DOT__phase >= 2 && random_.below(200) == 0) {
            reset();
            return;
        }
    }
}

void Bench::step()
{
    if (!always_ready_ && !pressure_.is_free()) {
        free_since_ = bench::g_position.cycle + 1;
    }
    coverage_.hit_if(top_->out_valid && !top_->out_ready && sent_.size() >= 4, "pressure.under_load");
    if (top_->out_valid && top_->out_ready) {
        take();
    }
    if (top_->move_ended) {
        ++moves_;
        displacement_.add(top_->move_cycles);
    }
    bench::edge(*top_);
}

void Bench::take()
{
    bench::check(!sent_.empty(), "a result without a request");
    Sent sent = sent_.front();
    sent_.pop_front();
    bench::equal(sent.tag, bench::get_number(top_->out_tag, 0, 8), "tag");
    bench::equal(sent.request.operation == Get, top_->out_is_get, "is_get");
    uint8_t status = top_->out_status;
    std::string name = Names[sent.request.operation];
    if (status == Ecc) {
        bench::check(expects_damage_, "unexpected damage");
        coverage_.hit("damage." + name);
    } else {
        judge(sent, status);
    }
    if (sent.is_free && free_since_ <= sent.accepted && sent.moves == moves_ && !top_->out_displaced) {
        latency_.add(bench::g_position.cycle - sent.accepted);
    }
    coverage_.hit_if(top_->out_displaced, "displaced");
    was_stashed_ = top_->out_stash;
    if (was_stashed_) {
        coverage_.hit("stash." + name);
        stashed_keys_.push_back(sent.request.key);
    }
    ++done_;
}

void Bench::judge(const Sent& sent, uint8_t status)
{
    static const char* const outcomes[] = {"ok", "created", "replaced", "conflict", "absent", "full"};
    bool is_full = status == Full;
    bench::check(!is_full || model_.size() * 100 >= Slots * 90, "full below a load of 90 percent");
    bool had = model_.contains(sent.request.key);
    bench::check(!is_full || !had, "full, although the key is present");
    MapResult expected = model_.apply(sent.request, is_full);
    bench::equal(expected.status, status, "status");
    bench::equal(expected.version, top_->out_version, "version");
    if (status != Absent && status != Full && !(sent.request.operation == Delete && status == Ok)) {
        bench::equal(expected.value.bytes, top_->out_value[4] & 31, "bytes of the value");
        for (int i = 0; i < 16; ++i) {
            bench::equal(expected.value.data[i], bench::get_byte(top_->out_value, i), "value");
        }
    }
    coverage_.hit(std::string(Names[sent.request.operation]) + "." + outcomes[status]);
    coverage_.hit_if(model_.size() * 100 >= Slots * 90, "load.90_percent");
}

void Bench::wait_ready()
{
    top_->in_valid = 0;
    top_->eval();
    while (!top_->ready) {
        bench::edge(*top_);
    }
}

void Bench::reset()
{
    static const char* const phases[] = {"clear", "run", "read", "look", "reread"};
    coverage_.hit(std::string("reset.") + phases[top_->rootp->map__DOT__phase]);
    top_->in_valid = 0;
    top_->rst = 1;
    bench::edge(*top_);
    top_->rst = 0;
    top_->eval();
    bench::check(!top_->out_valid && !top_->ready, "a result remains after a reset");
    sent_.clear();
    recent_.clear();
    model_.clear();
    free_since_ = bench::g_position.cycle;
    if (random_.percent(20)) {
        for (uint32_t i = random_.below(300); i > 0; --i) {
            bench::edge(*top_);
        }
        if (!top_->ready) {
            reset();
        }
    }
    wait_ready();
    bench::equal(0, top_->entries, "entries after a reset");
    if (random_.percent(50)) {
        uint64_t version = random_.next() >> 8;
        int lane = (int)random_.below(Lanes);
        top_->lane_select = lane;
        top_->lane_load = version;
        top_->lane_set = 1;
        bench::edge(*top_);
        top_->lane_set = 0;
        top_->eval();
        bench::equal(version, top_->lane_version, "the version that was set");
        model_.set_version(lane, version);
        coverage_.hit("version.set");
    }
}

void Bench::drain()
{
    top_->in_valid = 0;
    while (!sent_.empty()) {
        top_->out_ready = 1;
        top_->eval();
        step();
    }
    bench::equal(model_.size(), top_->entries, "entries");
}

// Checks that the map contains every entry of the model.
void Bench::compare_all()
{
    std::vector<MapKey> keys;
    for (const auto& [key, entry] : model_.entries()) {
        keys.push_back(key);
    }
    for (const MapKey& key : keys) {
        send({Get, key, {}, 0});
    }
    drain();
}

// Puts new keys until the map first reports full, then checks that all entries are still there.
void Bench::fill_up()
{
    uint32_t base = (uint32_t)random_.next();
    always_ready_ = true;
    uint32_t before = 0;
    for (uint32_t i = 0; i < 2 * Slots; ++i) {
        MapRequest request{Put, map_key(base + i, Lanes), {}, 0};
        request.value.bytes = 8;
        std::memcpy(request.value.data.data(), &i, 4);
        send(request);
        drain();
        coverage_.hit_if(top_->stashed > before, "stash.filled_from_tables");
        before = top_->stashed;
        if (model_.size() <= i) {
            break;
        }
    }
    std::printf("full at %zu entries of %u slots: %.1f percent\n", model_.size(), Slots, 100.0 * (double)model_.size() / Slots);
    stashed_keys_.clear();
    compare_all();
    std::vector<MapKey> stashed_keys = stashed_keys_;
    for (size_t i = 0; i < stashed_keys.size(); ++i) {
        uint64_t version = model_.version(stashed_keys[i]);
        send({(MapOperation)(1 + i % 3), stashed_keys[i], {}, version});
        send({Get, stashed_keys[i], {}, 0});
    }
    drain();
    for (const auto& [key, entry] : std::map<MapKey, MapModel::Entry>(model_.entries())) {
        uint32_t stashed = top_->stashed, size = top_->entries;
        send({Delete, key, {}, 0});
        drain();
        coverage_.hit_if(top_->stashed < stashed && top_->entries == size - 1 && !was_stashed_, "stash.back_into_tables");
        if (random_.percent(3)) {
            break;
        }
    }
    compare_all();
    always_ready_ = false;
}

// Checks that entries written with a flipped bit are detected, reported, and never used.
void Bench::damage()
{
    reset();
    expects_damage_ = true;
    always_ready_ = true;
    MapKey key = map_key(7, Lanes);
    for (int operation = 0; operation < 4; ++operation) {
        top_->fault_flip = 1;
        send({Put, key, {}, 0});
        drain();
        top_->fault_flip = 0;
        for (int i = 0; i < 4; ++i) {
            send({Get, map_key(100 + i, Lanes), {}, 0});
        }
        size_t before = done_;
        MapRequest request{(MapOperation)operation, key, {}, 0};
        send(request);
        top_->in_valid = 0;
        while (!sent_.empty()) {
            top_->eval();
            bench::check(sent_.size() > 1 || !top_->out_valid || top_->out_status == Ecc, "a damaged entry was used");
            step();
        }
        bench::check(done_ > before, "an operation on a damaged entry has no result");
        reset();
    }
    expects_damage_ = false;
    always_ready_ = false;
}

int Bench::run()
{
    top_->clk = 0;
    top_->rst = 1;
    bench::edge(*top_);
    reset();
    while (done_ < operations_) {
        damage();
        reset();
        fill_up();
        // From here on the map is nearly full.
        keys_ = Slots * (random_.percent(50) ? 2 : 1) + 64;
        uint64_t until = done_ + 2000 + random_.below(20000);
        while (done_ < until) {
            if (!pressure_.is_free() && random_.percent(20)) {
                top_->in_valid = 0;
                top_->out_ready = pressure_.is_ready();
                top_->eval();
                step();
            }
            MapRequest request = make();
            if (request.operation == Delete && model_.size() * 100 < Slots * 92 && random_.percent(85)) {
                request.operation = Put;
            }
            may_reset_ = true;
            send(request);
            may_reset_ = false;
            if (random_.below(6000) == 0) {
                reset();
            }
        }
        drain();
        compare_all();
    }
    latency_.print("latency without back-pressure and displacement");
    displacement_.print("displacements, cycles for which later operations waited");
    std::printf("longest displacement: %llu cycles, bound %llu\n", (unsigned long long)displacement_.largest(), (unsigned long long)MostMoveCycles);
    bench::check(latency_.is_only(Latency), "the latency varies, or is not 4 cycles");
    bench::check(displacement_.largest() <= MostMoveCycles, "a displacement took longer than its bound");
    return bench::finish(coverage_, done_);
}

}  // namespace

int main(int count, char** arguments)
{
    bench::g_position.seed = bench::argument(count, arguments, "seed", 1);
    return Bench(bench::g_position.seed, bench::argument(count, arguments, "operations", 100000)).run();
}

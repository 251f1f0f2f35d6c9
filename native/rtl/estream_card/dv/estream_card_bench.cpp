// Tests the whole card against a model with random submissions of all operations, and with resets in between. See README.md.
#include "Vestream_card.h"
#include "card_model.hpp"

#include <memory>
#include <set>
#include <unordered_map>

namespace {

using Host = Shell<Vestream_card>;

class Bench {
public:
    Bench(uint64_t seed, uint64_t operations) : random_(seed), pressure_(random_), operations_(operations) {}

    int run();

private:
    estream_card_submission make();
    void make_map(estream_card_submission& s);
    void make_payload(estream_card_submission& s);
    void put_on_port(const estream_card_submission& s);
    void cycle();
    void complete();
    void check_append(const CardAnswer& answer);
    void drain();
    uint32_t read(uint32_t address);
    uint64_t read_long(uint32_t address) { uint64_t low = read(address); return low | ((uint64_t)read(address + 4) << 32); }
    void write(uint32_t address, uint32_t value);
    void wait_ready();
    void reset();
    void check_counters();
    void identify();
    void load();
    void latencies();
    void rate();
    void faults();
    estream_card_submission simple(uint8_t operation, uint32_t length);
    uint32_t alone(estream_card_submission s);

    std::unique_ptr<Vestream_card> top_ = std::make_unique<Vestream_card>();
    bench::Random random_;
    bench::Pressure pressure_;
    Host host_{*top_, random_};
    CardModel<Host> model_{host_};
    bench::Coverage coverage_{points()};
    std::unordered_map<uint64_t, CardAnswer> under_way_;
    std::set<uint64_t> write_addresses_;
    estream_card_submission next_{};
    bool sending_ = false, is_open_ = true, expects_damage_ = false;
    uint64_t user_data_ = 1, done_ = 0, operations_, accepted_ = 0, hits_ = 0, last_time_ = 0, time_zero_ = 0;
    uint64_t burst_ = 0;

    static std::vector<std::string> points();
};

std::vector<std::string> Bench::points()
{
    std::vector<std::string> all = {"nop", "append.inline", "append.empty", "append.read", "append.read_64k", "append.dma_error",
        "append.short_answer", "append.long_answer", "leaf.inline", "leaf.read", "leaf.both", "leaf.dma_error", "leaf.write_error",
        "map_get.ok", "map_get.absent", "map_get.hot", "map_get.written", "map_get.hot_written", "map_get.write_error", "map_put.created", "map_put.replaced",
        "map_cas.created", "map_cas.replaced", "map_cas.conflict", "map_cas.absent", "map_delete.ok", "map_delete.absent",
        "map_delete.conflict", "refused.operation", "refused.flags", "refused.lane", "refused.length", "pressure.completions",
        "pressure.submissions", "reset.idle", "reset.reading", "reset.in_answer", "reset.writing", "reset.completing",
        "reset.while_clearing", "fault.stall", "fault.drop_completion", "fault.flip_map", "rate.append", "register.set_time",
        "register.set_sequence", "register.set_version", "register.clear_counters", "register.while_working", "order.passed"};
    for (int i = 0; i < CardLanes; ++i) {
        all.push_back("lane." + std::to_string(i));
    }
    return all;
}

void Bench::make_payload(estream_card_submission& s)
{
    bool is_leaf = s.operation == ESTREAM_CARD_OP_LEAF_HASH;
    uint32_t high = random_.percent(50) ? random_.below(is_leaf ? 5 : 33) * (is_leaf ? 8 : 1) : 0;
    uint32_t bytes = high > 0 && !is_leaf ? 0 : random_.percent(10) ? 0 : 1 + random_.below(random_.percent(85) ? 200 : 2000);
    if (random_.below(4000) == 0) {
        high = is_leaf ? high : 0;
        bytes = 65536;
    }
    s.length = (high << 24) | bytes;
    if (random_.percent(3)) {
        s.length = (uint32_t)random_.next() & (random_.percent(50) ? 0x3f1fffffu : 0x3f0001ffu);
    }
    for (uint8_t& byte : s.inline_bytes) {
        byte = (uint8_t)random_.next();
    }
    // Reads use the lower half of memory, results the upper half.
    s.address = random_.below(MemoryBytes / 2 - 65536);
    uint32_t kind = random_.below(100);
    s.address |= kind < 3 ? BadAddress : kind < 4 ? ShortAddress : kind < 5 ? LongAddress : 0;
    s.argument = is_leaf ? MemoryBytes / 2 + 32 * (user_data_ % 4096) : (random_.percent(50) ? 0 : random_.next());
    if (is_leaf && random_.percent(3)) {
        s.argument |= BadAddress;
    }
}

void Bench::make_map(estream_card_submission& s)
{
    MapKey key = map_key(random_.percent(60) ? random_.below(20) : random_.below(400), CardLanes);
    s.lane = key[0];
    uint32_t value_bytes = random_.below(17);
    s.length = ((uint32_t)key[1] << 24) | value_bytes;
    for (uint8_t& byte : s.inline_bytes) {
        byte = (uint8_t)random_.next();  // also after key and value
    }
    std::memcpy(s.inline_bytes, &key[2], key[1]);
    s.address = MemoryBytes / 2 + 32 * (user_data_ % 4096);
    if (random_.percent(2)) {
        s.address |= BadAddress;
    }
    uint64_t version = model_.map.version(key);
    s.argument = random_.percent(60) ? version : random_.below(4);
    if (random_.percent(1)) {
        s.length = (uint32_t)random_.next() & 0x1fffff1f;
    }
}

estream_card_submission Bench::make()
{
    static const uint8_t operations[] = {ESTREAM_CARD_OP_APPEND, ESTREAM_CARD_OP_APPEND, ESTREAM_CARD_OP_MAP_GET, ESTREAM_CARD_OP_MAP_GET,
        ESTREAM_CARD_OP_MAP_PUT, ESTREAM_CARD_OP_MAP_CAS, ESTREAM_CARD_OP_MAP_DELETE, ESTREAM_CARD_OP_LEAF_HASH, ESTREAM_CARD_OP_NOP};
    estream_card_submission s{};
    s.operation = operations[random_.below(random_.percent(90) ? 7 : 9)];
    s.user_data = user_data_++;
    s.lane = (uint16_t)random_.below(CardLanes);
    if (s.operation == ESTREAM_CARD_OP_APPEND || s.operation == ESTREAM_CARD_OP_LEAF_HASH) {
        make_payload(s);
    } else if (s.operation != ESTREAM_CARD_OP_NOP) {
        make_map(s);
    }
    uint32_t kind = random_.below(400);
    if (kind == 0) {
        s.operation = (uint8_t)random_.next();
    } else if (kind == 1) {
        s.lane = (uint16_t)random_.next();
    } else if (kind == 2) {
        s.flags = (uint8_t)random_.next();
    }
    return s;
}

void Bench::put_on_port(const estream_card_submission& s)
{
    const uint8_t* bytes = (const uint8_t*)&s;
    for (int i = 0; i < 16; ++i) {
        std::memcpy(&top_->sq_data[i], bytes + 4 * i, 4);
    }
}

// One cycle: the actions of shell and host, their results, and the clock edge.
void Bench::cycle()
{
    if (is_open_ && !sending_ && random_.percent(90)) {
        next_ = make();
        sending_ = true;
    }
    if (sending_) {
        put_on_port(next_);
    }
    top_->sq_valid = sending_;
    top_->cq_ready = host_.quiet || pressure_.is_ready();
    host_.drive();
    top_->eval();
    host_.drive_write_error();
    top_->eval();
    coverage_.hit_if(top_->cq_valid && !top_->cq_ready, "pressure.completions");
    coverage_.hit_if(top_->sq_valid && !top_->sq_ready, "pressure.submissions");
    if (top_->cq_valid && top_->cq_ready) {
        complete();
    }
    host_.observe();
    burst_ = top_->sq_valid && top_->sq_ready ? burst_ + 1 : 0;
    if (top_->sq_valid && top_->sq_ready) {
        CardAnswer answer = model_.answer(next_);
        answer.accepted = bench::g_position.cycle;
        under_way_[next_.user_data] = answer;
        sending_ = false;
        ++accepted_;
    }
    bench::edge(*top_);
}

void Bench::check_append(const CardAnswer& answer)
{
    uint64_t time = bench::get_number(top_->cq_data, 24, 8);
    if (answer.status != ESTREAM_CARD_STATUS_OK) {
        bench::equal(0, time, "time of a message that was not appended");
        return;
    }
    uint64_t now = time_zero_ + 4 * bench::g_position.cycle;
    bench::check(time <= now && time >= time_zero_ + 4 * answer.accepted && time >= last_time_, "time of a message");
    last_time_ = time;
    uint32_t bytes = answer.submission.length & 0xffffff;
    coverage_.hit(bytes == 65536 ? "append.read_64k" : bytes > 0 ? "append.read" : answer.submission.length > 0 ? "append.inline" : "append.empty");
}

void Bench::complete()
{
    const auto& data = top_->cq_data;
    auto found = under_way_.find(bench::get_number(data, 0, 8));
    bench::check(found != under_way_.end(), "a completion without a request, or a duplicate completion");
    CardAnswer answer = found->second;
    const estream_card_submission& s = answer.submission;
    uint8_t status = (uint8_t)bench::get_number(data, 8, 1), flags = (uint8_t)bench::get_number(data, 9, 1);
    if (expects_damage_ && status == ESTREAM_CARD_STATUS_ECC) {
        coverage_.hit("fault.flip_map");
        under_way_.erase(found);
        return;
    }
    bench::equal(answer.status, status, "status");
    uint64_t cycles = bench::get_number(data, 10, 2);
    uint64_t waited = bench::g_position.cycle - answer.accepted;
    bench::check(cycles >= 2 && cycles <= waited, "cycles of a completion");
    bool is_answer = answer.is_append || answer.is_map || s.operation == ESTREAM_CARD_OP_LEAF_HASH;
    if (is_answer && status != ESTREAM_CARD_STATUS_DMA_ERROR) {
        bench::equal(answer.sequence, bench::get_number(data, 16, 8), "sequence");
        bench::equal(answer.info, bench::get_number(data, 12, 4), "info");
    }
    if (answer.is_append) {
        check_append(answer);
    } else if (status != ESTREAM_CARD_STATUS_DMA_ERROR) {
        bench::equal(answer.data, bench::get_number(data, 24, 8), "data");
    }
    for (size_t i = 0; i < answer.written.size(); ++i) {
        bench::equal(answer.written[i], *host_.at(answer.written_at + i), "content of host memory");
    }
    bool is_hot = flags & ESTREAM_CARD_COMPLETION_HOT;
    hits_ += is_hot;
    coverage_.hit_if(is_hot && under_way_.size() > 3, "order.passed");
    under_way_.erase(found);
    ++done_;

    static const char* const outcomes[] = {".ok", ".created", ".replaced", ".conflict", ".absent"};
    static const char* const names[] = {"map_get", "map_put", "map_cas", "map_delete"};
    if (answer.is_map && status <= ESTREAM_CARD_STATUS_ABSENT) {
        coverage_.hit(std::string(names[s.operation - ESTREAM_CARD_OP_MAP_GET]) + outcomes[status]);
        coverage_.hit("lane." + std::to_string(s.lane));
        coverage_.hit_if(is_hot, "map_get.hot");
        coverage_.hit_if(!answer.written.empty(), is_hot ? "map_get.hot_written" : "map_get.written");
    }
    uint32_t bytes = s.length & 0xffffff;
    if (status == ESTREAM_CARD_STATUS_DMA_ERROR) {
        coverage_.hit_if(answer.is_map, "map_get.write_error");
        coverage_.hit_if(answer.is_append && (s.address & BadAddress), "append.dma_error");
        coverage_.hit_if(answer.is_append && (s.address & ShortAddress), "append.short_answer");
        coverage_.hit_if(answer.is_append && (s.address & LongAddress), "append.long_answer");
        coverage_.hit_if(!answer.is_append && !answer.is_map, (s.argument & BadAddress) && !(s.address >> 40 && bytes > 0) ? "leaf.write_error" : "leaf.dma_error");
    } else if (s.operation == ESTREAM_CARD_OP_LEAF_HASH && status == ESTREAM_CARD_STATUS_OK) {
        coverage_.hit(bytes == 0 ? "leaf.inline" : s.length >> 24 ? "leaf.both" : "leaf.read");
    }
    coverage_.hit_if(s.operation == ESTREAM_CARD_OP_NOP && status == 0, "nop");
    coverage_.hit_if(status == ESTREAM_CARD_STATUS_BAD_OPERATION, s.flags ? "refused.flags" : "refused.operation");
    coverage_.hit_if(status == ESTREAM_CARD_STATUS_BAD_LANE, "refused.lane");
    coverage_.hit_if(status == ESTREAM_CARD_STATUS_BAD_LENGTH, "refused.length");
}

uint32_t Bench::read(uint32_t address)
{
    top_->reg_valid = 1;
    top_->reg_write = 0;
    top_->reg_address = address;
    for (top_->eval(); !top_->reg_ready; top_->eval()) {
        cycle();
    }
    uint32_t value = top_->reg_rdata;
    top_->reg_valid = 0;
    cycle();
    return value;
}

void Bench::write(uint32_t address, uint32_t value)
{
    top_->reg_valid = 1;
    top_->reg_write = 1;
    top_->reg_address = address;
    top_->reg_wdata = value;
    for (top_->eval(); !top_->reg_ready; top_->eval()) {
        cycle();
    }
    top_->reg_valid = 0;
    cycle();
}

void Bench::drain()
{
    is_open_ = false;
    for (uint64_t start = bench::g_position.cycle; sending_ || !under_way_.empty();) {
        cycle();
        bench::check(bench::g_position.cycle - start < 3000000, "submissions that never complete");
    }
    is_open_ = true;
}

void Bench::wait_ready()
{
    bool was_open = is_open_;
    is_open_ = false;
    for (uint64_t start = bench::g_position.cycle; !(read(ESTREAM_CARD_REG_STATUS) & ESTREAM_CARD_STATUS_WORD_READY);) {
        bench::check(bench::g_position.cycle - start < 3000000, "the card is never ready");
    }
    is_open_ = was_open;
}

// A reset at any moment: requests under way never complete, and the card starts from its initial state.
void Bench::reset()
{
    is_open_ = false;
    sending_ = false;
    coverage_.hit_if(under_way_.empty(), "reset.idle");
    coverage_.hit_if(host_.is_reading(), "reset.reading");
    coverage_.hit_if(host_.is_in_answer(), "reset.in_answer");
    coverage_.hit_if(top_->wr_valid, "reset.writing");
    coverage_.hit_if(top_->cq_valid, "reset.completing");
    // The reset acts in the cycle after the access; the last completions may arrive in that cycle.
    write(ESTREAM_CARD_REG_CONTROL, ESTREAM_CARD_CONTROL_RESET);
    under_way_.clear();
    model_.reset();
    last_time_ = 0;
    if (random_.percent(20) && !(read(ESTREAM_CARD_REG_STATUS) & ESTREAM_CARD_STATUS_WORD_READY)) {
        coverage_.hit("reset.while_clearing");
        write(ESTREAM_CARD_REG_CONTROL, ESTREAM_CARD_CONTROL_RESET);
    }
    wait_ready();
    bench::equal(0, read(ESTREAM_CARD_REG_MAP_ENTRIES), "entries after a reset");
    is_open_ = true;
}

void Bench::check_counters()
{
    drain();
    is_open_ = false;
    cycle();
    bench::equal(accepted_, read_long(ESTREAM_CARD_REG_SUBMISSIONS_LO), "submissions");
    bench::equal(done_, read_long(ESTREAM_CARD_REG_COMPLETIONS_LO), "completions");
    bench::equal(model_.counts.refused, read_long(ESTREAM_CARD_REG_REFUSED_LO), "refused");
    bench::equal(model_.counts.dma_errors, read_long(ESTREAM_CARD_REG_DMA_ERRORS_LO), "DMA errors");
    bench::equal(model_.counts.messages, read_long(ESTREAM_CARD_REG_APPEND_MESSAGES_LO), "messages");
    bench::equal(model_.counts.changes, read_long(ESTREAM_CARD_REG_MAP_CHANGES_LO), "changes");
    bench::equal(hits_, read_long(ESTREAM_CARD_REG_HOT_HITS_LO), "hits");
    bench::equal(model_.map.size(), read(ESTREAM_CARD_REG_MAP_ENTRIES), "entries");
    bench::equal(read_long(ESTREAM_CARD_REG_MAP_GETS_LO), read_long(ESTREAM_CARD_REG_HOT_MISSES_LO), "lookups that missed");
    for (int lane = 0; lane < CardLanes; ++lane) {
        write(ESTREAM_CARD_REG_LANE_SELECT, lane);
        bench::equal(model_.sequences[lane], read_long(ESTREAM_CARD_REG_SEQUENCE_LO), "next sequence of a lane");
    }
    bench::check(read(ESTREAM_CARD_REG_STATUS) & ESTREAM_CARD_STATUS_WORD_IDLE, "the card is idle");
    write(ESTREAM_CARD_REG_CONTROL, ESTREAM_CARD_CONTROL_CLEAR_COUNTERS);
    bench::equal(0, read_long(ESTREAM_CARD_REG_SUBMISSIONS_LO), "submissions after clear_counters");
    coverage_.hit("register.clear_counters");
    accepted_ = done_ = hits_ = 0;
    model_.counts = {};
    is_open_ = true;
}

void Bench::identify()
{
    is_open_ = false;
    bench::equal(ESTREAM_CARD_MAGIC, read(ESTREAM_CARD_REG_ID), "id");
    bench::equal(ESTREAM_CARD_ABI_MAJOR << 16 | ESTREAM_CARD_ABI_MINOR, read(ESTREAM_CARD_REG_ABI), "ABI");
    bench::equal(ESTREAM_CARD_CAPABILITY_APPEND | ESTREAM_CARD_CAPABILITY_MAP | ESTREAM_CARD_CAPABILITY_HOT_KEYS
            | ESTREAM_CARD_CAPABILITY_LEAF_HASH | ESTREAM_CARD_CAPABILITY_FAULTS,
        read(ESTREAM_CARD_REG_CAPABILITIES), "capabilities");
    bench::equal(250000, read(ESTREAM_CARD_REG_CLOCK_KHZ), "clock");
    bench::equal(CardLanes, read(ESTREAM_CARD_REG_LANES), "lanes");
    bench::equal(512, read(ESTREAM_CARD_REG_MAP_SLOTS), "slots");
    bench::equal(0, read(0xffc), "an undefined register");
    is_open_ = true;
}

// Time, sequences and versions are set while nothing is under way.
void Bench::load()
{
    drain();
    is_open_ = false;
    int lane = (int)random_.below(CardLanes);
    uint64_t value = random_.next() >> 4;
    write(ESTREAM_CARD_REG_LANE_SELECT, lane);
    write(ESTREAM_CARD_REG_LOAD_LO, (uint32_t)value);
    write(ESTREAM_CARD_REG_LOAD_HI, (uint32_t)(value >> 32));
    bench::equal(value, read_long(ESTREAM_CARD_REG_LOAD_LO), "load");
    write(ESTREAM_CARD_REG_CONTROL, ESTREAM_CARD_CONTROL_SET_SEQUENCE | ESTREAM_CARD_CONTROL_SET_VERSION | ESTREAM_CARD_CONTROL_SET_TIME);
    model_.sequences[lane] = value;
    model_.map.set_version(lane, value);
    bench::equal(value, read_long(ESTREAM_CARD_REG_SEQUENCE_LO), "sequence that was set");
    bench::equal(value, read_long(ESTREAM_CARD_REG_VERSION_LO), "version that was set");
    uint64_t before = bench::g_position.cycle;
    uint64_t time = read_long(ESTREAM_CARD_REG_TIME_LO);
    time_zero_ = time - 4 * (before + 1);
    last_time_ = 0;
    bench::check(time > value && time < value + 1000, "time that was set");
    for (const char* point : {"register.set_time", "register.set_sequence", "register.set_version"}) {
        coverage_.hit(point);
    }
    // From the read on, 4 ns for each cycle at 250 MHz.
    uint64_t then = bench::g_position.cycle;
    bench::equal(time + 4 * (then - before), read_long(ESTREAM_CARD_REG_TIME_LO), "time that runs");
    is_open_ = true;
}

estream_card_submission Bench::simple(uint8_t operation, uint32_t length)
{
    estream_card_submission s{};
    s.operation = operation;
    s.user_data = user_data_++;
    s.length = length;
    s.address = 64;
    s.argument = operation == ESTREAM_CARD_OP_LEAF_HASH ? MemoryBytes / 2 : 0;
    return s;
}

uint32_t Bench::alone(estream_card_submission s)
{
    drain();
    is_open_ = false;
    next_ = s;
    sending_ = true;
    uint32_t cycles = 0;
    while (sending_ || !under_way_.empty()) {
        cycle();
        if (top_->cq_valid) {
            cycles = (uint32_t)bench::get_number(top_->cq_data, 10, 2);
        }
    }
    is_open_ = true;
    return cycles;
}

// From submission to completion through the whole card, with nothing else under way.
void Bench::latencies()
{
    drain();
    host_.quiet = true;
    std::printf("alone through the card, cycles from submission to completion\n");
    std::printf("  nop                        %u\n", alone(simple(ESTREAM_CARD_OP_NOP, 0)));
    std::printf("  append, 32 bytes inline    %u\n", alone(simple(ESTREAM_CARD_OP_APPEND, 32u << 24)));
    std::printf("  map_put, new key           %u\n", alone(simple(ESTREAM_CARD_OP_MAP_PUT, (8u << 24) | 8)));
    std::printf("  map_put, existing key      %u\n", alone(simple(ESTREAM_CARD_OP_MAP_PUT, (8u << 24) | 8)));
    std::printf("  map_get, hot               %u\n", alone(simple(ESTREAM_CARD_OP_MAP_GET, 8u << 24)));
    std::printf("  map_get, absent key        %u\n", alone(simple(ESTREAM_CARD_OP_MAP_GET, 9u << 24)));
    std::printf("  leaf_hash, 32 bytes inline %u\n", alone(simple(ESTREAM_CARD_OP_LEAF_HASH, 32u << 24)));
    host_.quiet = false;
}

// Submissions and completions at a rate of one per cycle.
void Bench::rate()
{
    drain();
    is_open_ = false;
    host_.quiet = true;
    uint64_t before = done_, start = bench::g_position.cycle;
    burst_ = 0;
    for (int i = 0; i < 1000; ++i) {
        next_ = simple(ESTREAM_CARD_OP_APPEND, 32u << 24);
        sending_ = true;
        cycle();
        bench::check(!sending_, "an append in each cycle");
    }
    while (done_ < before + 1000) {
        cycle();
    }
    bench::check(bench::g_position.cycle - start < 1016, "1000 appends in 1000 cycles");
    std::printf("1000 appends of 32 bytes: %llu cycles from the first submission to the last completion\n", (unsigned long long)(bench::g_position.cycle - start));
    coverage_.hit("rate.append");
    host_.quiet = false;
    is_open_ = true;
}

void Bench::faults()
{
    drain();
    is_open_ = false;
    top_->fault = ESTREAM_CARD_FAULT_STALL;
    next_ = simple(ESTREAM_CARD_OP_NOP, 0);
    sending_ = true;
    for (int i = 0; i < 200; ++i) {
        cycle();
    }
    bench::check(sending_, "a stalled card must not accept a submission");
    coverage_.hit("fault.stall");
    top_->fault = 0;
    drain();

    is_open_ = false;
    top_->fault = ESTREAM_CARD_FAULT_DROP_COMPLETION;
    next_ = simple(ESTREAM_CARD_OP_NOP, 0);
    sending_ = true;
    for (int i = 0; i < 200; ++i) {
        cycle();
    }
    bench::check(!sending_ && under_way_.size() == 1, "a dropped completion must not arrive");
    coverage_.hit("fault.drop_completion");
    top_->fault = 0;
    reset();

    is_open_ = false;
    expects_damage_ = true;
    top_->fault = ESTREAM_CARD_FAULT_FLIP_MAP;
    alone(simple(ESTREAM_CARD_OP_MAP_PUT, (8u << 24) | 8));
    top_->fault = 0;
    alone(simple(ESTREAM_CARD_OP_MAP_DELETE, 8u << 24));
    is_open_ = false;
    bench::check(read(ESTREAM_CARD_REG_STATUS) & ESTREAM_CARD_STATUS_WORD_DAMAGED, "the card must report damage");
    bench::equal(1, read_long(ESTREAM_CARD_REG_MAP_DAMAGED_LO), "operations on damaged entries");
    reset();
    bench::check(!(read(ESTREAM_CARD_REG_STATUS) & ESTREAM_CARD_STATUS_WORD_DAMAGED), "a reset must clear the damage");
    expects_damage_ = false;
    is_open_ = true;
    write(ESTREAM_CARD_REG_CONTROL, ESTREAM_CARD_CONTROL_CLEAR_COUNTERS);
    drain();
    is_open_ = false;
    write(ESTREAM_CARD_REG_CONTROL, ESTREAM_CARD_CONTROL_CLEAR_COUNTERS);
    accepted_ = done_ = hits_ = 0;
    model_.counts = {};
    is_open_ = true;
}

int Bench::run()
{
    top_->clk = 0;
    top_->rst_n = 0;
    is_open_ = false;
    cycle();
    time_zero_ = 0ull - 4 * bench::g_position.cycle;
    top_->rst_n = 1;
    wait_ready();
    identify();
    faults();
    uint64_t total = 0;
    while (total < operations_) {
        latencies();
        rate();
        load();
        uint64_t until = done_ + 10000 + random_.below(10000);
        while (done_ < until) {
            cycle();
            if (random_.below(3000) == 0) {
                coverage_.hit("register.while_working");
                bench::equal(ESTREAM_CARD_MAGIC, read(ESTREAM_CARD_REG_ID), "id");
            }
        }
        check_counters();
        total += until;
        for (int i = 0; i < 10; ++i) {
            for (uint32_t wait = random_.below(2000); wait > 0; --wait) {
                cycle();
            }
            reset();
        }
        drain();
        is_open_ = false;
        write(ESTREAM_CARD_REG_CONTROL, ESTREAM_CARD_CONTROL_CLEAR_COUNTERS);
        accepted_ = done_ = hits_ = 0;
        model_.counts = {};
        is_open_ = true;
    }
    return bench::finish(coverage_, total);
}

}  // namespace

int main(int count, char** arguments)
{
    bench::g_position.seed = bench::argument(count, arguments, "seed", 1);
    return Bench(bench::g_position.seed, bench::argument(count, arguments, "operations", 50000)).run();
}

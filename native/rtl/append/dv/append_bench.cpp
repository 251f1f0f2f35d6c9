// Tests the append engine against a model with random messages. README.md of the block lists the coverage points.
#include "Vappend.h"
#include "bench.hpp"
#include "crc32c_model.hpp"

#include <deque>
#include <memory>

namespace {

constexpr int Lanes = 4;
constexpr uint64_t Latency = 4;

struct Expected {
    uint64_t tag, sequence, time, accepted;
    uint32_t crc;
    bool error, is_free;
};

struct Message {
    std::vector<uint8_t> bytes;
    size_t sent = 0;
    uint32_t seed = 0;
    uint32_t lane = 0;
    bool error = false;
};

class Bench {
public:
    Bench(uint64_t seed, uint64_t messages) : random_(seed), pressure_(random_), messages_(messages) {}

    int run();

private:
    Message make();
    void reset(int cycles);
    void set_sequence(uint32_t lane, uint64_t sequence);
    void drive();
    void observe();

    std::unique_ptr<Vappend> top_ = std::make_unique<Vappend>();
    bench::Random random_;
    bench::Pressure pressure_;
    bench::Coverage coverage_{points()};
    bench::Histogram latency_;
    std::deque<Expected> expected_;
    Message message_;
    bool sending_ = false;
    uint64_t sequences_[Lanes] = {};
    uint64_t tag_ = 0, done_ = 0, messages_, free_since_ = 0, run_ = 0;

    static std::vector<std::string> points();
};

std::vector<std::string> Bench::points()
{
    std::vector<std::string> all = {"message.empty", "message.one_beat", "message.whole_beats", "message.many_beats", "message.64k",
        "seed.zero", "seed.other", "error", "sequence.wrap", "pressure.full_pipeline", "pressure.none",
        "rate.64_messages_in_64_cycles"};
    for (int i = 0; i <= 64; ++i) {
        all.push_back("last_beat." + std::to_string(i));
    }
    for (int i = 0; i < Lanes; ++i) {
        all.push_back("lane." + std::to_string(i));
    }
    for (int i = 0; i <= 4; ++i) {
        all.push_back("reset.under_way_" + std::to_string(i));
    }
    all.push_back("reset.in_message");
    return all;
}

Message Bench::make()
{
    Message message;
    uint32_t kind = pressure_.is_rush() ? 10 : random_.below(100);
    size_t count = kind < 2 ? 0 : kind < 60 ? 1 + random_.below(64) : kind < 70 ? 64 * (1 + random_.below(4)) : 1 + random_.below(600);
    if (tag_ % 20000 == 500) {
        count = 65536;
        coverage_.hit("message.64k");
    }
    for (size_t i = 0; i < count; ++i) {
        message.bytes.push_back((uint8_t)random_.next());
    }
    message.seed = random_.percent(50) ? 0 : (uint32_t)random_.next();
    message.lane = random_.below(Lanes);
    if (random_.percent(3)) {
        message.error = true;
        coverage_.hit("error");
    }
    coverage_.hit_if(count == 0, "message.empty");
    coverage_.hit_if(count > 0 && count <= 64, "message.one_beat");
    coverage_.hit_if(count > 0 && count % 64 == 0, "message.whole_beats");
    coverage_.hit_if(count > 64, "message.many_beats");
    coverage_.hit(message.seed == 0 ? "seed.zero" : "seed.other");
    coverage_.hit("lane." + std::to_string(message.lane));
    coverage_.hit("last_beat." + std::to_string(count == 0 ? 0 : (count - 1) % 64 + 1));
    return message;
}

void Bench::reset(int cycles)
{
    coverage_.hit("reset.under_way_" + std::to_string(expected_.size() < 4 ? expected_.size() : 4));
    coverage_.hit_if(sending_ && message_.sent > 0, "reset.in_message");
    top_->rst = 1;
    top_->in_valid = 0;
    for (int i = 0; i < cycles; ++i) {
        bench::edge(*top_);
    }
    top_->rst = 0;
    top_->eval();
    bench::check(!top_->out_valid, "a result remains after a reset");
    expected_.clear();
    sending_ = false;
    run_ = 0;
    free_since_ = bench::g_position.cycle;
    for (uint64_t& sequence : sequences_) {
        sequence = 0;
    }
}

void Bench::set_sequence(uint32_t lane, uint64_t sequence)
{
    top_->lane_select = lane;
    top_->lane_load = sequence;
    top_->lane_set = 1;
    top_->in_valid = 0;
    bench::edge(*top_);
    top_->lane_set = 0;
    top_->eval();
    bench::equal(sequence, top_->lane_sequence, "the sequence that was set");
    sequences_[lane] = sequence;
}

void Bench::drive()
{
    if (!sending_ && (pressure_.is_free() || random_.percent(70))) {
        message_ = make();
        sending_ = true;
    }
    top_->in_valid = sending_ && (pressure_.is_free() || random_.percent(80));
    for (int i = 0; i < 16; ++i) {
        top_->in_data[i] = (uint32_t)random_.next();  // also after the last byte
    }
    if (!sending_) {
        return;
    }
    size_t count = message_.bytes.size() - message_.sent;
    size_t now = count > 64 ? 64 : count;
    bench::set_bytes(top_->in_data, 0, message_.bytes.data() + message_.sent, now);
    top_->in_bytes = (uint8_t)now;
    top_->in_last = count <= 64;
    top_->in_error = message_.error && top_->in_last;
    top_->in_lane = message_.lane;
    top_->in_seed = message_.sent == 0 || top_->in_last ? message_.seed : (uint32_t)random_.next();
    for (int i = 0; i < 3; ++i) {
        top_->in_tag[i] = 0;
    }
    bench::set_number(top_->in_tag, 0, tag_, 8);
}

void Bench::observe()
{
    if (!pressure_.is_free()) {
        free_since_ = bench::g_position.cycle + 1;
    }
    if (top_->out_valid && !top_->out_ready) {
        coverage_.hit_if(expected_.size() >= 4, "pressure.full_pipeline");
    }
    if (top_->out_valid && top_->out_ready) {
        bench::check(!expected_.empty(), "a result without a request");
        Expected next = expected_.front();
        expected_.pop_front();
        bench::equal(next.tag, bench::get_number(top_->out_tag, 0, 8), "tag");
        bench::equal(next.error, top_->out_error, "error");
        if (!next.error) {
            bench::equal(next.sequence, top_->out_sequence, "sequence");
            bench::equal(next.crc, top_->out_crc, "CRC-32C");
        }
        bench::equal(next.time, top_->out_time, "time");
        if (next.is_free && free_since_ <= next.accepted) {
            latency_.add(bench::g_position.cycle - next.accepted);
            coverage_.hit("pressure.none");
        }
        ++done_;
    }
    bool moves = top_->in_valid && top_->in_ready;
    run_ = moves && top_->in_last ? run_ + 1 : 0;
    coverage_.hit_if(run_ == 64, "rate.64_messages_in_64_cycles");
    if (!moves) {
        return;
    }
    message_.sent += top_->in_bytes;
    if (top_->in_last) {
        uint64_t sequence = sequences_[message_.lane];
        expected_.push_back({tag_++, sequence, top_->now, bench::g_position.cycle,
            crc32c_model(message_.seed, message_.bytes.data(), message_.bytes.size()), message_.error, pressure_.is_free()});
        coverage_.hit_if(sequence == ~0ull && !message_.error, "sequence.wrap");
        sequences_[message_.lane] += !message_.error;
        sending_ = false;
    }
}

int Bench::run()
{
    top_->clk = 0;
    reset(3);
    uint64_t next_reset = 1000;
    while (done_ < messages_) {
        if (bench::g_position.cycle >= next_reset) {
            next_reset = bench::g_position.cycle + 100 + random_.below(8000);
            reset(1 + random_.below(3));
            if (random_.percent(50)) {
                set_sequence(random_.below(Lanes), random_.percent(50) ? ~0ull - random_.below(20) : random_.next());
            }
        }
        top_->now = bench::g_position.cycle * 4 + 1;
        top_->out_ready = pressure_.is_ready();
        drive();
        top_->eval();
        observe();
        bench::edge(*top_);
    }
    latency_.print("latency without back-pressure");
    bench::check(latency_.is_only(Latency), "the latency without back-pressure varies, or is not 4 cycles");
    return bench::finish(coverage_, done_);
}

}  // namespace

int main(int count, char** arguments)
{
    bench::g_position.seed = bench::argument(count, arguments, "seed", 1);
    bench::check(crc32c_model(0, (const uint8_t*)"123456789", 9) == 0xe3069283u, "the model of CRC-32C");
    return Bench(bench::g_position.seed, bench::argument(count, arguments, "operations", 100000)).run();
}

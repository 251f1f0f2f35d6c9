// Tests the leaf unit against SHA3-256: the known answers of the Keccak team, every length of three blocks, and random leaves.
// See README.md of the block.
#include "Vleaf_hash.h"
#include "Vleaf_hash___024root.h"
#include "bench.hpp"
#include "sha3_model.hpp"

#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>

namespace {

struct Leaf {
    std::vector<uint8_t> words;    // 0 to 32 bytes, in groups of eight
    std::vector<uint8_t> payload;
    int error_beat = -1;           // the beat that reports an error
    bool ends_there = false;       // whether that beat is the last one
};

class Bench {
public:
    Bench(uint64_t seed, uint64_t operations) : random_(seed), pressure_(random_), operations_(operations) {}

    int run(const char* known_answers);

private:
    void known(const char* path);
    void hash(const Leaf& leaf, bool is_free, bool may_reset);
    bool reset_by_chance(bool may_reset);
    bool beats(const Leaf& leaf, bool is_free, bool may_reset);
    void expect(const Leaf& leaf, uint64_t started, bool is_free);
    void reset();

    std::unique_ptr<Vleaf_hash> top_ = std::make_unique<Vleaf_hash>();
    bench::Random random_;
    bench::Pressure pressure_;
    bench::Coverage coverage_{points()};
    uint64_t operations_, done_ = 0, tag_ = 0, permutations_ = 0;

    static std::vector<std::string> points();
};

std::vector<std::string> Bench::points()
{
    std::vector<std::string> all = {"known_answers.model", "known_answers.unit", "payload.empty", "payload.64k", "error.first_beat",
        "error.later_beat", "error.with_beats_behind", "result.waits", "beats.late", "length.every_to_three_blocks"};
    for (int i = 0; i <= 4; ++i) {
        all.push_back("words." + std::to_string(i));
    }
    for (int i = 0; i < 8; ++i) {
        all.push_back("length_modulo_8." + std::to_string(i));
    }
    for (const char* phase : {"idle", "absorb", "permute", "skip", "done"}) {
        all.push_back(std::string("reset.") + phase);
    }
    return all;
}

void Bench::reset()
{
    static const char* const phases[] = {"idle", "absorb", "permute", "skip", "done"};
    coverage_.hit(std::string("reset.") + phases[top_->rootp->leaf_hash__DOT__phase]);
    top_->rst = 1;
    top_->in_valid = 0;
    top_->beat_valid = 0;
    bench::edge(*top_);
    top_->rst = 0;
    top_->eval();
    bench::check(top_->in_ready && !top_->out_valid, "the unit does not restart after a reset");
}

bool Bench::reset_by_chance(bool may_reset)
{
    // Few leaves reach the phase in which beats after an error are passed.
    uint32_t chance = top_->rootp->leaf_hash__DOT__phase == 3 ? 10 : 300;
    if (may_reset && random_.below(chance) == 0) {
        reset();
        return true;
    }
    return false;
}

// Supplies the beats; returns false if the unit was reset meanwhile.
bool Bench::beats(const Leaf& leaf, bool is_free, bool may_reset)
{
    int count = (int)((leaf.payload.size() + 63) / 64);
    for (int i = 0; i < count; ++i) {
        bool is_error = leaf.error_beat == i;
        bool is_last = i == count - 1 || (is_error && leaf.ends_there);
        for (;;) {
            bool late = !is_free && random_.percent(40);
            coverage_.hit_if(late, "beats.late");
            top_->beat_valid = !late;
            for (int word = 0; word < 16; ++word) {
                top_->beat_data[word] = (uint32_t)random_.next();
            }
            size_t bytes = std::min<size_t>(64, leaf.payload.size() - 64 * (size_t)i);
            bench::set_bytes(top_->beat_data, 0, leaf.payload.data() + 64 * i, bytes);
            top_->beat_last = is_last;
            top_->beat_error = is_error;
            top_->eval();
            bool moves = top_->beat_valid && top_->beat_ready;
            permutations_ += top_->permuted;
            bench::edge(*top_);
            if (reset_by_chance(may_reset)) {
                return false;
            }
            if (moves) {
                break;
            }
        }
        top_->beat_valid = 0;
        if (is_last) {
            break;
        }
    }
    return true;
}

void Bench::expect(const Leaf& leaf, uint64_t started, bool is_free)
{
    bench::equal(tag_, bench::get_number(top_->out_tag, 0, 8), "tag");
    bench::equal(leaf.error_beat >= 0, top_->out_error, "error");
    bench::equal(leaf.payload.size(), top_->out_bytes, "bytes");
    if (leaf.error_beat >= 0) {
        return;
    }
    std::vector<uint8_t> whole = {0};
    whole.insert(whole.end(), leaf.words.begin(), leaf.words.end());
    whole.insert(whole.end(), leaf.payload.begin(), leaf.payload.end());
    std::array<uint8_t, 32> digest = sha3::hash(whole);
    for (int i = 0; i < 32; ++i) {
        bench::equal(digest[i], bench::get_byte(top_->out_hash, i), "hash");
    }
    uint64_t blocks = whole.size() / 136 + 1;
    bench::equal(blocks, permutations_, "permutations");
    if (is_free) {
        // One cycle for each word, one for the padding if the last word is full, 24 for each block, and 1 to start.
        uint64_t words = whole.size() / 8 + 1;
        bench::equal(1 + words + 24 * blocks, bench::g_position.cycle - started, "cycles");
    }
}

void Bench::hash(const Leaf& leaf, bool is_free, bool may_reset)
{
    ++tag_;
    permutations_ = 0;
    top_->in_valid = 1;
    top_->in_words = (uint8_t)(leaf.words.size() / 8);
    for (int i = 0; i < 8; ++i) {
        top_->in_inline[i] = (uint32_t)random_.next();
    }
    bench::set_bytes(top_->in_inline, 0, leaf.words.data(), leaf.words.size());
    top_->in_bytes = (uint32_t)leaf.payload.size();
    bench::set_number(top_->in_tag, 0, tag_, 8);
    top_->out_ready = 0;
    top_->eval();
    bench::check(top_->in_ready, "the unit is not ready for a leaf");
    uint64_t started = bench::g_position.cycle;
    bench::edge(*top_);
    top_->in_valid = 0;
    if (reset_by_chance(may_reset) || !beats(leaf, is_free, may_reset)) {
        return;
    }
    for (top_->eval(); !top_->out_valid; top_->eval()) {
        permutations_ += top_->permuted;
        bench::edge(*top_);
        if (reset_by_chance(may_reset)) {
            return;
        }
        bench::check(bench::g_position.cycle - started < 100000, "no result");
    }
    expect(leaf, started, is_free);
    while (!is_free && random_.percent(50)) {
        coverage_.hit("result.waits");
        bench::edge(*top_);
        if (reset_by_chance(may_reset)) {
            return;
        }
        expect(leaf, started, false);
    }
    top_->out_ready = 1;
    bench::edge(*top_);
    ++done_;
}

std::vector<uint8_t> from_hex(const std::string& digits)
{
    std::vector<uint8_t> bytes;
    for (size_t i = 0; i + 1 < digits.size(); i += 2) {
        bytes.push_back((uint8_t)std::stoul(digits.substr(i, 2), nullptr, 16));
    }
    return bytes;
}

// Reads the Keccak team's answers for SHA3-256: "message" and "digest", one after the other.
void Bench::known(const char* path)
{
    std::ifstream file(path);
    std::stringstream all;
    all << file.rdbuf();
    std::string text = all.str();
    size_t at = text.find("\"SHA3-256\"");
    size_t end = text.find(']', at);
    bench::check(at != std::string::npos && end != std::string::npos, "the file of known answers has no SHA3-256");
    int count = 0;
    while ((at = text.find("\"message\":\"", at)) < end) {
        at += 11;
        std::vector<uint8_t> message = from_hex(text.substr(at, text.find('"', at) - at));
        at = text.find("\"digest\":\"", at) + 10;
        std::vector<uint8_t> digest = from_hex(text.substr(at, 64));
        std::array<uint8_t, 32> own = sha3::hash(message);
        bench::check(std::memcmp(own.data(), digest.data(), 32) == 0, "the model of SHA3-256 does not give a known answer");
        coverage_.hit("known_answers.model");
        ++count;
        // A leaf starts with 0x00, and so do some of the messages.
        if (!message.empty() && message[0] == 0) {
            hash({{}, {message.begin() + 1, message.end()}}, true, false);
            coverage_.hit("known_answers.unit");
        }
    }
    bench::check(count >= 200, "the file has fewer known answers than expected");
}

int Bench::run(const char* known_answers)
{
    top_->clk = 0;
    top_->rst = 1;
    bench::edge(*top_);
    reset();
    known(known_answers);
    for (size_t words = 0; words <= 4; ++words) {
        for (size_t length = 0; length <= 3 * 136; ++length) {
            Leaf leaf{std::vector<uint8_t>(8 * words), std::vector<uint8_t>(length)};
            for (uint8_t& byte : leaf.words) {
                byte = (uint8_t)random_.next();
            }
            for (uint8_t& byte : leaf.payload) {
                byte = (uint8_t)random_.next();
            }
            hash(leaf, true, false);
            coverage_.hit("words." + std::to_string(words));
            coverage_.hit("length_modulo_8." + std::to_string(length % 8));
            coverage_.hit_if(length == 0, "payload.empty");
        }
    }
    coverage_.hit("length.every_to_three_blocks");
    while (done_ < operations_) {
        Leaf leaf;
        leaf.words.resize(8 * random_.below(5));
        bool is_long = done_ % 2000 == 1999;
        coverage_.hit_if(is_long, "payload.64k");
        leaf.payload.resize(is_long ? 65536 : random_.below(500));
        for (uint8_t& byte : leaf.words) {
            byte = (uint8_t)random_.next();
        }
        for (uint8_t& byte : leaf.payload) {
            byte = (uint8_t)random_.next();
        }
        if (!leaf.payload.empty() && random_.percent(5)) {
            int count = (int)((leaf.payload.size() + 63) / 64);
            leaf.error_beat = (int)random_.below((uint32_t)count);
            leaf.ends_there = leaf.error_beat == count - 1 || random_.percent(50);
            coverage_.hit(leaf.error_beat == 0 ? "error.first_beat" : "error.later_beat");
            coverage_.hit_if(!leaf.ends_there, "error.with_beats_behind");
        }
        hash(leaf, false, !is_long);
    }
    return bench::finish(coverage_, done_);
}

}  // namespace

int main(int count, char** arguments)
{
    bench::g_position.seed = bench::argument(count, arguments, "seed", 1);
    bench::check(count > 1 && std::strchr(arguments[1], '=') == nullptr, "the first argument is the file of known answers");
    return Bench(bench::g_position.seed, bench::argument(count, arguments, "operations", 20000)).run(arguments[1]);
}

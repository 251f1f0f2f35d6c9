// Tests the signer and verifier against the model: the vectors of NIST, random keys, rejected attempts and signatures,
// broken keys, back-pressure, and interruptions in each phase. See README.md of the block.
#include "acvp.hpp"
#include "unit.hpp"

#include <cstring>

namespace {

using mldsa::Bytes;
using unit::Result;
using unit::Unit;

struct KeyPair {
    Bytes public_key, private_key;
};

class Bench {
public:
    Bench(uint64_t seed, uint64_t operations) : random_(seed), unit_(random_), operations_(operations) {}

    int run(const std::string& vectors);

private:
    // the vectors of NIST
    void sign_vectors(const std::string& folder);
    void verify_vectors(const std::string& folder);
    // random keys and messages
    void random_keys();
    uint32_t sign(const mldsa::PrivateKey& key, const Bytes& mu, const Bytes& rnd, uint32_t ready, bool is_usual = true);
    void note_attempts(const mldsa::PrivateKey& key, const Bytes& mu, const Bytes& rnd, int attempts);
    void verify(const mldsa::PublicKey& key, const Bytes& mu, const Bytes& signature, uint32_t valid, const char* point);
    void broken_signatures(const mldsa::PublicKey& key, const Bytes& mu, const Bytes& signature);
    void large_z(const mldsa::PublicKey& key, const mldsa::PrivateKey& signer, const Bytes& mu);
    void broken_hints(const mldsa::PublicKey& key, const Bytes& mu, const Bytes& signature);
    // limits
    void give_up();
    void large_t0();
    // keys
    void broken_keys();
    void no_keys();
    // interruptions
    void expect_clear(bool is_clear);
    void interrupt();
    void interrupt_once(bool zeroises, int what, const KeyPair& keys);
    void expect_no_keys();

    KeyPair key_pair();
    Bytes bytes(size_t count);
    void load(bool is_public, const Bytes& key);
    void load_both(const KeyPair& keys);

    bench::Random random_;
    Unit unit_;
    bench::Coverage coverage_{points()};
    std::map<uint32_t, bench::Histogram> rounds_;
    bench::Histogram verifications_, loads_[2];
    uint64_t operations_, done_ = 0, signatures_ = 0, signature_cycles_ = 0;

    static std::vector<std::string> points();
};

std::vector<std::string> Bench::points()
{
    std::vector<std::string> all = {"acvp.sign", "acvp.verify_valid", "acvp.verify_invalid", "attempt.z", "attempt.low",
        "attempt.hints", "sign.hedged", "sign.deterministic", "sign.gave_up", "sign.last_attempt", "verify.valid",
        "verify.beats_late", "pressure.some", "pressure.heavy", "pressure.none", "reject.challenge", "reject.mu", "reject.z",
        "reject.z_norm", "reject.z_bound", "reject.hints_count", "reject.hints_falling_end", "reject.hints_order",
        "reject.hints_twice", "reject.hints_padding", "reject.hints_changed", "reject.short", "reject.long", "reject.last_byte",
        "key.private_short", "key.private_long", "key.public_short", "key.public_long", "key.out_of_range", "key.replaced",
        "key.gaps", "no_key.sign", "no_key.verify", "cycles.equal_for_equal_rounds", "cycles.equal_for_verify",
        "cycles.mean_below_25000", "clear.cycles", "clear.memory"};
    for (int i = 0; i < 4; ++i) {
        all.push_back("sign.lane_" + std::to_string(i));
    }
    for (const char* rounds : {"1", "2", "3", "4_or_more"}) {
        all.push_back(std::string("sign.rounds_") + rounds);
    }
    for (const char* kind : {"reset", "zeroise"}) {
        for (const char* at : {"seed", "mask", "rows", "challenge", "items", "pack", "verify", "load_private", "load_public", "idle"}) {
            all.push_back(std::string(kind) + "." + at);
        }
    }
    return all;
}

Bytes Bench::bytes(size_t count)
{
    Bytes all(count);
    for (uint8_t& byte : all) {
        byte = (uint8_t)(random_.next() >> 32);
    }
    return all;
}

KeyPair Bench::key_pair()
{
    KeyPair keys;
    mldsa::generate(bytes(32).data(), keys.public_key, keys.private_key);
    return keys;
}

void Bench::load(bool is_public, const Bytes& key)
{
    bool has_gaps = random_.percent(20);
    uint32_t cycles = unit_.load(is_public, key, has_gaps);
    if (has_gaps) {
        coverage_.hit("key.gaps");
    } else {
        loads_[is_public].add(cycles);
    }
    bench::check(is_public ? unit_.top().public_loaded : unit_.top().private_loaded, "a key was not loaded");
    bench::check(!unit_.top().bad_key, "a good key was refused");
}

void Bench::load_both(const KeyPair& keys)
{
    load(false, keys.private_key);
    load(true, keys.public_key);
}

void Bench::note_attempts(const mldsa::PrivateKey& key, const Bytes& mu, const Bytes& rnd, int attempts)
{
    static const char* const names[] = {"", "attempt.z", "attempt.low", "attempt.ct0", "attempt.hints"};
    Bytes seed = mldsa::Shake(136).absorb(key.key(), 32).absorb(rnd).absorb(mu).squeeze(64), signature;
    for (int i = 0; i < attempts - 1; ++i) {
        coverage_.hit(names[(int)mldsa::attempt(key, mu.data(), seed.data(), (uint32_t)(i * mldsa::L), signature)]);
    }
    coverage_.hit("sign.lane_" + std::to_string((attempts - 1) % 4));
}

/// Compares a signature with the model's; returns its rounds.
uint32_t Bench::sign(const mldsa::PrivateKey& key, const Bytes& mu, const Bytes& rnd, uint32_t ready, bool is_usual)
{
    Bytes expected;
    int attempts = mldsa::sign(key, mu.data(), rnd.data(), expected);
    bench::check(attempts > 0, "the model found no signature");
    note_attempts(key, mu, rnd, attempts);
    Result result = unit_.sign(mu, rnd, ready);
    ++done_;
    bench::equal(unit::Ok, result.status, "status of a signature");
    uint32_t rounds = ((uint32_t)attempts + 3) / 4;
    bench::equal(rounds, result.rounds, "rounds");
    bench::check(result.signature == expected, "a signature differs from the model's");
    coverage_.hit("sign.rounds_" + (rounds < 4 ? std::to_string(rounds) : "4_or_more"));
    coverage_.hit(rnd == Bytes(32) ? "sign.deterministic" : "sign.hedged");
    coverage_.hit(ready == 100 ? "pressure.none" : ready < 20 ? "pressure.heavy" : "pressure.some");
    if (ready == 100) {
        rounds_[rounds].add(result.cycles);
        signatures_ += is_usual;
        signature_cycles_ += is_usual ? result.cycles : 0;
    }
    return rounds;
}

void Bench::verify(const mldsa::PublicKey& key, const Bytes& mu, const Bytes& signature, uint32_t valid, const char* point)
{
    bool expected = mldsa::verify(key, mu.data(), signature);
    Result result = unit_.verify(mu, signature, valid);
    ++done_;
    if ((result.status == unit::Ok) != expected || (result.status != unit::Ok && result.status != unit::Invalid)) {
        bench::fail("%s: the model says %d, the unit %d", point, expected, result.status);
    }
    coverage_.hit(point);
    if (valid == 100 && expected) {
        verifications_.add(result.cycles);
    }
    coverage_.hit_if(valid != 100, "verify.beats_late");
}

void Bench::sign_vectors(const std::string& folder)
{
    std::vector<acvp::Test> tests = acvp::read(folder + "/ML-DSA-87_sigGen.json");
    bench::equal(60, tests.size(), "vectors of sigGen");
    // Each second one, so half of them with mu and half with a message; all in a long run.
    size_t stride = operations_ < 1000 ? 2 : 1;
    for (size_t i = 0; i < tests.size(); i += stride) {
        Bytes encoded = acvp::bytes(tests[i], "sk"), rnd = acvp::bytes(tests[i], "rnd");
        rnd.resize(32);
        load(false, encoded);
        mldsa::PrivateKey key(encoded.data());
        Result result = unit_.sign(acvp::representative(tests[i], key.tr()), rnd);
        bench::check(result.signature == acvp::bytes(tests[i], "signature"), "a signature differs from the vector of NIST");
        coverage_.hit("acvp.sign");
        ++done_;
    }
}

void Bench::verify_vectors(const std::string& folder)
{
    std::vector<acvp::Test> tests = acvp::read(folder + "/ML-DSA-87_sigVer.json");
    bench::equal(30, tests.size(), "vectors of sigVer");
    for (const acvp::Test& test : tests) {
        Bytes encoded = acvp::bytes(test, "pk");
        load(true, encoded);
        mldsa::PublicKey key(encoded.data());
        bool valid = test.at("testPassed") == "true";
        Result result = unit_.verify(acvp::representative(test, key.tr.data()), acvp::bytes(test, "signature"));
        bench::equal(valid ? unit::Ok : unit::Invalid, result.status, "a vector of sigVer");
        coverage_.hit(valid ? "acvp.verify_valid" : "acvp.verify_invalid");
        ++done_;
    }
}

void Bench::broken_hints(const mldsa::PublicKey& key, const Bytes& mu, const Bytes& signature)
{
    const size_t at = mldsa::SignatureBytes - mldsa::Omega - mldsa::K, ends = at + mldsa::Omega;
    int count = signature[ends + 7];
    auto changed = [&](const char* point, auto change) {
        Bytes copy = signature;
        change(copy);
        verify(key, mu, copy, 100, point);
    };
    changed("reject.hints_count", [&](Bytes& s) { s[ends + 7] = (uint8_t)(mldsa::Omega + 1 + random_.below(180)); });
    changed("reject.hints_falling_end", [&](Bytes& s) { s[ends + 3] = (uint8_t)(s[ends + 4] + 1); });
    if (count < mldsa::Omega) {
        changed("reject.hints_padding", [&](Bytes& s) { s[ends - 1] = 1; });
        changed("reject.hints_padding", [&](Bytes& s) { s[at + (size_t)count] = 0x80; });
    }
    int begin = 0;
    for (size_t row = 0; row < 8; ++row) {
        int end = signature[ends + row];
        if (end - begin >= 2) {
            size_t pair = at + (size_t)begin + random_.below((uint32_t)(end - begin - 1));
            changed("reject.hints_order", [&](Bytes& s) { std::swap(s[pair], s[pair + 1]); });
            changed("reject.hints_twice", [&](Bytes& s) { s[pair] = s[pair + 1]; });
            break;
        }
        begin = end;
    }
    if (count > 0) {
        // A last position that stays in order is a valid encoding of other hints.
        changed("reject.hints_changed", [&](Bytes& s) { s[at + (size_t)count - 1] ^= 1; });
    }
}

void Bench::broken_signatures(const mldsa::PublicKey& key, const Bytes& mu, const Bytes& signature)
{
    auto changed = [&](const char* point, auto change) {
        Bytes copy = signature;
        change(copy);
        verify(key, mu, copy, random_.percent(50) ? 100 : 60, point);
    };
    changed("reject.challenge", [&](Bytes& s) { s[random_.below(64)] ^= (uint8_t)(1 << random_.below(8)); });
    changed("reject.z", [&](Bytes& s) { s[64 + random_.below(4480)] ^= (uint8_t)(1 << random_.below(3)); });
    // A coefficient of z at or beyond the bound, from both sides: 2^19 - v.
    for (uint32_t v : {0u, 119u, 120u, 121u, (1u << 20) - 121, (1u << 20) - 120, (1u << 20) - 119, (1u << 20) - 1}) {
        changed("reject.z_bound", [&](Bytes& s) {
            size_t place = 64 + 5 * random_.below(896);
            s[place] = (uint8_t)v;
            s[place + 1] = (uint8_t)(v >> 8);
            s[place + 2] = (uint8_t)((s[place + 2] & 0xf0) | v >> 16);
        });
    }
    broken_hints(key, mu, signature);
    changed("reject.last_byte", [&](Bytes& s) { s.back() ^= 1; });
    changed("reject.short", [&](Bytes& s) { s.resize(1 + random_.below(mldsa::SignatureBytes - 1)); });
    changed("reject.short", [&](Bytes& s) { s.pop_back(); });
    changed("reject.long", [&](Bytes& s) { s.resize(s.size() + 1 + random_.below(100)); });
    Bytes other = mu;
    other[random_.below(64)] ^= 1;
    verify(key, other, signature, 100, "reject.mu");
    verify(key, mu, signature, 100, "verify.valid");
}

void Bench::random_keys()
{
    for (uint64_t i = 0; i < operations_; ++i) {
        KeyPair keys = key_pair();
        load(false, keys.private_key);
        mldsa::PrivateKey key(keys.private_key.data());
        Bytes mu = bytes(64), rnd = random_.percent(50) ? bytes(32) : Bytes(32);
        sign(key, mu, rnd, 100);
        if (i % 4 == 0) {
            sign(key, mu, rnd, i % 8 == 0 ? 50 : 10);
            load(true, keys.public_key);
            mldsa::PublicKey public_key(keys.public_key.data());
            Bytes signature;
            mldsa::sign(key, mu.data(), rnd.data(), signature);
            verify(public_key, mu, signature, 100, "verify.valid");
            if (i % 20 == 0) {
                broken_signatures(public_key, mu, signature);
                large_z(public_key, key, mu);
            }
        }
    }
}

// A signature whose only fault is the norm of z: an attempt that was rejected for that reason alone.
void Bench::large_z(const mldsa::PublicKey& key, const mldsa::PrivateKey& signer, const Bytes& mu)
{
    Bytes seed = bytes(64), signature;
    for (uint32_t i = 0;; ++i) {
        if (mldsa::attempt(signer, mu.data(), seed.data(), i % 2000 * mldsa::L, signature) == mldsa::Rejection::Z
            && mldsa::verify(key, mu.data(), signature, false)) {
            verify(key, mu, signature, 100, "reject.z_norm");
            return;
        }
    }
}

// t0 of only 4096 and -4095 in half of the rows: more than half of the attempts have too many hints.
void Bench::large_t0()
{
    KeyPair keys = key_pair();
    Bytes t0;
    for (int r = 0; r < mldsa::K / 2; ++r) {
        std::vector<uint32_t> numbers;
        for (int i = 0; i < mldsa::N; ++i) {
            numbers.push_back(random_.percent(50) ? 0 : 8191);
        }
        mldsa::pack(t0, numbers, 13);
    }
    std::copy(t0.begin(), t0.end(), keys.private_key.end() - (ptrdiff_t)t0.size());
    load(false, keys.private_key);
    mldsa::PrivateKey key(keys.private_key.data());
    while (sign(key, bytes(64), bytes(32), 100, false) < 4) {
    }
}

// A signature that begins in round 203 has only the attempts 812 and 813.
void Bench::give_up()
{
    KeyPair keys = key_pair();
    load(false, keys.private_key);
    mldsa::PrivateKey key(keys.private_key.data());
    bool gave_up = false, last = false;
    for (int i = 0; i < 8 || !gave_up || !last; ++i) {
        Bytes mu = bytes(64), rnd(32), signature;
        Bytes seed = mldsa::Shake(136).absorb(key.key(), 32).absorb(rnd).absorb(mu).squeeze(64);
        bool accepted = false;
        for (uint32_t n = 812; n < mldsa::MaximumAttempts && !accepted; ++n) {
            accepted = mldsa::attempt(key, mu.data(), seed.data(), n * mldsa::L, signature) == mldsa::Rejection::None;
        }
        Result result = unit_.sign(mu, rnd, 100, 203);
        bench::equal(accepted ? unit::Ok : unit::GaveUp, result.status, "status at the limit of attempts");
        bench::check(result.signature == (accepted ? signature : Bytes()), "the signature at the limit of attempts");
        bench::equal(204, result.rounds, "rounds at the limit of attempts");
        coverage_.hit(accepted ? "sign.last_attempt" : "sign.gave_up");
        gave_up |= !accepted;
        last |= accepted;
        ++done_;
    }
}

void Bench::broken_keys()
{
    KeyPair keys = key_pair();
    load_both(keys);
    auto refused = [&](bool is_public, const Bytes& key, const char* point) {
        unit_.load(is_public, key, random_.percent(50));
        bench::check(unit_.top().bad_key, point);
        bench::check(is_public ? !unit_.top().public_loaded : !unit_.top().private_loaded, "a refused key counts as loaded");
        bench::check(is_public ? unit_.top().private_loaded : unit_.top().public_loaded, "a refused key removes the other one");
        coverage_.hit(point);
        load(is_public, is_public ? keys.public_key : keys.private_key);
        ++done_;
    };
    auto resized = [](Bytes key, size_t words) {
        key.resize(words * 4);
        return key;
    };
    for (size_t words : {(size_t)1, (size_t)2, (size_t)(1 + random_.below(1200)), (size_t)1223}) {
        refused(false, resized(keys.private_key, words), "key.private_short");
    }
    for (size_t words : {(size_t)1225, (size_t)1226, (size_t)1400}) {
        refused(false, resized(keys.private_key, words), "key.private_long");
    }
    for (size_t words : {(size_t)1, (size_t)(1 + random_.below(600)), (size_t)647}) {
        refused(true, resized(keys.public_key, words), "key.public_short");
    }
    for (size_t words : {(size_t)649, (size_t)1224}) {
        refused(true, resized(keys.public_key, words), "key.public_long");
    }
    // A coefficient of s1 or s2 beyond 2: the codes 5 to 7.
    for (int i = 0; i < 3; ++i) {
        Bytes key = keys.private_key;
        key[128 + 3 * random_.below(480)] |= 7;
        refused(false, key, "key.out_of_range");
    }
    // The keys are those of the last load.
    KeyPair others = key_pair();
    load_both(others);
    mldsa::PrivateKey key(others.private_key.data());
    mldsa::PublicKey public_key(others.public_key.data());
    Bytes mu = bytes(64), rnd = bytes(32), signature;
    sign(key, mu, rnd, 100);
    mldsa::sign(key, mu.data(), rnd.data(), signature);
    verify(public_key, mu, signature, 100, "key.replaced");
}

void Bench::expect_clear(bool is_clear)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < 9152; ++i) {
        bits |= unit_.key_word(i);
    }
    bench::equal(is_clear, bits == 0, "the key memory is clear");
}

void Bench::expect_no_keys()
{
    bench::check(!unit_.top().private_loaded && !unit_.top().public_loaded && !unit_.top().bad_key, "a key outlives a reset");
    Result result = unit_.sign(bytes(64), bytes(32));
    bench::equal(unit::NoKey, result.status, "a signature without a key");
    bench::check(result.signature.empty(), "a signature without a key has bytes");
    coverage_.hit("no_key.sign");
    result = unit_.verify(bytes(64), bytes(mldsa::SignatureBytes), 80);
    bench::equal(unit::NoKey, result.status, "a verification without a key");
    coverage_.hit("no_key.verify");
    done_ += 2;
}

struct Interruption {
    const char* point;
    enum { Signs, Verifies, Loads, Nothing } what;
    uint32_t first_step, last_step, phase;
};

constexpr uint32_t Run = 3, Pack = 4;
const Interruption interruptions[] = {{"seed", Interruption::Signs, 0, 0, Run}, {"mask", Interruption::Signs, 1, 8, Run},
    {"rows", Interruption::Signs, 9, 18, Run}, {"challenge", Interruption::Signs, 19, 21, Run},
    {"items", Interruption::Signs, 22, 45, Run}, {"pack", Interruption::Signs, 1, 1, Pack},
    {"verify", Interruption::Verifies, 0, 20, Run}, {"load_private", Interruption::Loads, 0, 126, Run},
    {"load_public", Interruption::Loads, 0, 126, Run}, {"idle", Interruption::Nothing, 0, 0, 0}};

void Bench::interrupt_once(bool zeroises, int what, const KeyPair& keys)
{
    const Interruption& at = interruptions[what];
    Vmldsa& top = unit_.top();
    load_both(keys);
    expect_clear(false);
    Bytes mu = bytes(64), rnd = bytes(32);
    bool is_public = std::strcmp(at.point, "load_public") == 0;
    bool is_command = at.what == Interruption::Signs || at.what == Interruption::Verifies;
    if (is_command) {
        unit_.command(at.what == Interruption::Verifies, mu.data(), rnd.data());
    }
    uint32_t step = at.first_step + random_.below(at.last_step - at.first_step + 1), left = random_.below(40);
    if (at.what == Interruption::Loads) {
        step = random_.percent(50) ? random_.below(is_public ? 9 : 24) : 64 + 8 * random_.below(8) + random_.below(7);
    }
    top.sig_out_ready = 1;
    top.sig_in_bytes = 32;
    top.sig_in_last = top.key_last = 0;
    top.key_public = is_public;
    for (uint32_t word = 0; at.what != Interruption::Nothing && left != 0;) {
        top.sig_in_valid = at.what == Interruption::Verifies;
        top.key_valid = at.what == Interruption::Loads && word < (is_public ? 648u : 1224u);
        top.key_data = (uint32_t)(random_.next() & 0x24924924);
        top.key_last = word == (is_public ? 647u : 1223u);
        top.eval();
        word += top.key_valid && top.key_ready;
        unit_.edge();
        left -= unit_.phase() == at.phase && unit_.step() == step;
    }
    uint32_t cycles = zeroises ? unit_.zeroise() : unit_.reset();
    bench::equal(9153, cycles, "cycles to clear");
    coverage_.hit("clear.cycles");
    expect_clear(true);
    coverage_.hit("clear.memory");
    coverage_.hit(std::string(zeroises ? "zeroise." : "reset.") + at.point);
    expect_no_keys();
    ++done_;
}

void Bench::interrupt()
{
    for (int what = 0; what < 10; ++what) {
        for (bool zeroises : {false, true}) {
            interrupt_once(zeroises, what, key_pair());
        }
        KeyPair fresh = key_pair();
        load_both(fresh);
        mldsa::PrivateKey key(fresh.private_key.data());
        mldsa::PublicKey public_key(fresh.public_key.data());
        Bytes mu = bytes(64), rnd = bytes(32), signature;
        sign(key, mu, rnd, 100);
        mldsa::sign(key, mu.data(), rnd.data(), signature);
        verify(public_key, mu, signature, 100, "verify.valid");
    }
}

int Bench::run(const std::string& vectors)
{
    bench::equal(9153, unit_.reset(), "cycles to clear");
    expect_no_keys();
    broken_keys();
    give_up();
    large_t0();
    interrupt();
    sign_vectors(vectors);
    verify_vectors(vectors);
    random_keys();
    for (const auto& [rounds, cycles] : rounds_) {
        cycles.print(("signatures of " + std::to_string(rounds) + " rounds").c_str());
        bench::check(cycles.is_only(cycles.largest()), "signatures of equal rounds take different cycles");
        coverage_.hit("cycles.equal_for_equal_rounds");
    }
    verifications_.print("verifications");
    bench::check(verifications_.is_only(verifications_.largest()), "verifications take different cycles");
    coverage_.hit("cycles.equal_for_verify");
    loads_[0].print("private keys");
    loads_[1].print("public keys");
    std::printf("signatures: %llu, mean %.0f cycles\n", (unsigned long long)signatures_, (double)signature_cycles_ / (double)signatures_);
    coverage_.hit_if(signature_cycles_ < 25000 * signatures_, "cycles.mean_below_25000");
    return bench::finish(coverage_, done_);
}

}  // namespace

int main(int count, char** arguments)
{
    bench::check(count > 1, "usage: FOLDER with the ACVP vectors [operations=N] [seed=N]");
    uint64_t seed = bench::argument(count, arguments, "seed", 1);
    bench::g_position.seed = seed;
    return Bench(seed, bench::argument(count, arguments, "operations", 100)).run(arguments[1]);
}

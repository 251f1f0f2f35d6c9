// ML-DSA-87 as FIPS 204 defines it, for the benches and as a reference: key generation from a seed, signing and verification
// of a message representative mu ("external mu"). Plain arithmetic modulo q; no code of the card. Not constant-time.
#pragma once

#include "sha3_model.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace mldsa {

constexpr int32_t Q = 8380417, Gamma1 = 1 << 19, Gamma2 = (Q - 1) / 32;
constexpr int K = 8, L = 7, Eta = 2, D = 13, Tau = 60, Beta = Tau * Eta, Omega = 75, N = 256;
constexpr size_t PublicKeyBytes = 2592, PrivateKeyBytes = 4896, SignatureBytes = 4627, ChallengeBytes = 64;
/// FIPS 204, Appendix C: a signer may stop after this number of attempts.
constexpr int MaximumAttempts = 814;

using Bytes = std::vector<uint8_t>;
using Polynomial = std::array<int32_t, N>;  // coefficients from 0 to Q - 1
template <int Count>
using Vector = std::array<Polynomial, Count>;

/// SHAKE128 (rate 168) or SHAKE256 (rate 136).
class Shake {
public:
    explicit Shake(size_t rate) : rate_(rate) {}

    Shake& absorb(const uint8_t* bytes, size_t count)
    {
        for (size_t i = 0; i < count; ++i) {
            add(bytes[i]);
            if (++at_ == rate_) {
                sha3::permute(state_);
                at_ = 0;
            }
        }
        return *this;
    }

    Shake& absorb(const Bytes& bytes) { return absorb(bytes.data(), bytes.size()); }

    /// Returns the next byte of output. Nothing may be absorbed afterwards.
    uint8_t next()
    {
        if (!squeezes_) {
            add(0x1f);
            at_ = rate_ - 1;
            add(0x80);
            at_ = rate_;
            squeezes_ = true;
        }
        if (at_ == rate_) {
            sha3::permute(state_);
            at_ = 0;
        }
        uint8_t byte = (uint8_t)(state_[at_ / 8] >> (8 * (at_ % 8)));
        ++at_;
        return byte;
    }

    Bytes squeeze(size_t count)
    {
        Bytes out(count);
        for (uint8_t& byte : out) {
            byte = next();
        }
        return out;
    }

private:
    void add(uint8_t byte) { state_[at_ / 8] ^= (uint64_t)byte << (8 * (at_ % 8)); }

    size_t rate_, at_ = 0;
    bool squeezes_ = false;
    std::array<uint64_t, 25> state_{};
};

inline Bytes shake256(const Bytes& input, size_t count)
{
    return Shake(136).absorb(input).squeeze(count);
}

inline int32_t reduce(int64_t value)
{
    int64_t rest = value % Q;
    return (int32_t)(rest < 0 ? rest + Q : rest);
}

/// The representative between -(Q - 1) / 2 and (Q - 1) / 2.
inline int32_t centered(int32_t value)
{
    return value > Q / 2 ? value - Q : value;
}

inline int32_t power(int64_t base, int exponent)
{
    int64_t result = 1;
    for (; exponent != 0; exponent >>= 1, base = base * base % Q) {
        result = exponent & 1 ? result * base % Q : result;
    }
    return (int32_t)result;
}

/// 1753 to the power of the eight reversed bits of i (FIPS 204, Appendix B).
inline int32_t zeta(int i)
{
    static const std::array<int32_t, N> all = [] {
        std::array<int32_t, N> table{};
        for (int at = 0; at < N; ++at) {
            int reversed = 0;
            for (int bit = 0; bit < 8; ++bit) {
                reversed |= (at >> bit & 1) << (7 - bit);
            }
            table[at] = power(1753, reversed);
        }
        return table;
    }();
    return all[i];
}

/// Algorithm 41.
inline Polynomial ntt(Polynomial w)
{
    int m = 0;
    for (int length = 128; length >= 1; length /= 2) {
        for (int start = 0; start < N; start += 2 * length) {
            int64_t z = zeta(++m);
            for (int j = start; j < start + length; ++j) {
                int64_t t = z * w[j + length] % Q;
                w[j + length] = reduce(w[j] - t);
                w[j] = reduce(w[j] + t);
            }
        }
    }
    return w;
}

/// Algorithm 42.
inline Polynomial inverse_ntt(Polynomial w)
{
    int m = N;
    for (int length = 1; length < N; length *= 2) {
        for (int start = 0; start < N; start += 2 * length) {
            int64_t z = Q - zeta(--m);
            for (int j = start; j < start + length; ++j) {
                int64_t t = w[j];
                w[j] = reduce(t + w[j + length]);
                w[j + length] = reduce(z * reduce(t - w[j + length]));
            }
        }
    }
    for (int32_t& c : w) {
        c = reduce(8347681ll * c);
    }
    return w;
}

inline Polynomial multiply(const Polynomial& a, const Polynomial& b)
{
    Polynomial product;
    for (int i = 0; i < N; ++i) {
        product[i] = reduce((int64_t)a[i] * b[i]);
    }
    return product;
}

inline Polynomial add(const Polynomial& a, const Polynomial& b, int sign = 1)
{
    Polynomial sum;
    for (int i = 0; i < N; ++i) {
        sum[i] = reduce((int64_t)a[i] + sign * b[i]);
    }
    return sum;
}

inline int32_t norm(const Polynomial& w)
{
    int32_t largest = 0;
    for (int32_t c : w) {
        largest = std::max(largest, std::abs(centered(c)));
    }
    return largest;
}

/// Algorithm 36. r = high * 2 * Gamma2 + low.
inline void decompose(int32_t r, int32_t& high, int32_t& low)
{
    low = r % (2 * Gamma2);
    low = low > Gamma2 ? low - 2 * Gamma2 : low;
    if (r - low == Q - 1) {
        high = 0;
        --low;
    } else {
        high = (r - low) / (2 * Gamma2);
    }
}

/// Algorithm 40.
inline int32_t use_hint(bool hint, int32_t r)
{
    int32_t high, low;
    decompose(r, high, low);
    return !hint ? high : low > 0 ? (high + 1) % 16 : (high + 15) % 16;
}

/// Appends the low `bits` bits of each number, the least significant bit first.
inline void pack(Bytes& to, const std::vector<uint32_t>& numbers, int bits)
{
    size_t at = to.size() * 8;
    to.resize((at + numbers.size() * bits) / 8);
    for (uint32_t number : numbers) {
        for (int bit = 0; bit < bits; ++bit, ++at) {
            to[at / 8] |= (number >> bit & 1) << (at % 8);
        }
    }
}

inline uint32_t unpack(const uint8_t* from, size_t index, int bits)
{
    uint32_t number = 0;
    for (int bit = 0; bit < bits; ++bit) {
        size_t at = index * bits + bit;
        number |= (uint32_t)(from[at / 8] >> (at % 8) & 1) << bit;
    }
    return number;
}

/// Packs `from` - coefficient for each coefficient (BitPack).
inline void pack_below(Bytes& to, const Polynomial& w, int32_t from, int bits)
{
    std::vector<uint32_t> numbers;
    for (int32_t c : w) {
        numbers.push_back((uint32_t)(from - centered(c)));
    }
    pack(to, numbers, bits);
}

inline Polynomial unpack_below(const uint8_t* bytes, int32_t from, int bits)
{
    Polynomial w;
    for (int i = 0; i < N; ++i) {
        w[i] = reduce(from - (int32_t)unpack(bytes, i, bits));
    }
    return w;
}

/// Algorithm 32.
inline std::array<Vector<L>, K> expand_a(const uint8_t* rho)
{
    std::array<Vector<L>, K> a;
    for (int r = 0; r < K; ++r) {
        for (int s = 0; s < L; ++s) {
            const uint8_t indices[2] = {(uint8_t)s, (uint8_t)r};
            Shake shake(168);
            shake.absorb(rho, 32).absorb(indices, 2);
            for (int j = 0; j < N;) {
                uint32_t b0 = shake.next(), b1 = shake.next(), b2 = shake.next();
                uint32_t c = (b2 & 127) << 16 | b1 << 8 | b0;
                if (c < (uint32_t)Q) {
                    a[r][s][j++] = (int32_t)c;
                }
            }
        }
    }
    return a;
}

/// Algorithms 31 and 33: a polynomial with coefficients of at most Eta.
inline Polynomial expand_s(const uint8_t* seed, uint16_t nonce)
{
    const uint8_t index[2] = {(uint8_t)nonce, (uint8_t)(nonce >> 8)};
    Shake shake(136);
    shake.absorb(seed, 64).absorb(index, 2);
    Polynomial w;
    for (int j = 0; j < N;) {
        uint8_t byte = shake.next();
        for (int half : {byte & 15, byte >> 4}) {
            if (half < 15 && j < N) {
                w[j++] = reduce(2 - half % 5);
            }
        }
    }
    return w;
}

/// Algorithm 34, one polynomial.
inline Polynomial expand_mask(const uint8_t* seed, uint32_t nonce)
{
    const uint8_t index[2] = {(uint8_t)nonce, (uint8_t)(nonce >> 8)};
    Bytes bytes = Shake(136).absorb(seed, 64).absorb(index, 2).squeeze(640);
    return unpack_below(bytes.data(), Gamma1, 20);
}

/// Algorithm 29.
inline Polynomial sample_in_ball(const uint8_t* challenge)
{
    Shake shake(136);
    shake.absorb(challenge, ChallengeBytes);
    Bytes signs = shake.squeeze(8);
    Polynomial c{};
    for (int i = N - Tau; i < N; ++i) {
        int j = shake.next();
        while (j > i) {
            j = shake.next();
        }
        c[i] = c[j];
        int t = i + Tau - N;
        c[j] = signs[t / 8] >> (t % 8) & 1 ? Q - 1 : 1;
    }
    return c;
}

struct PublicKey {
    std::array<uint8_t, PublicKeyBytes> bytes;
    std::array<Vector<L>, K> a;
    Vector<K> t1;  // NTT of t1 * 2^13
    Bytes tr;

    explicit PublicKey(const uint8_t* encoded)
    {
        std::memcpy(bytes.data(), encoded, PublicKeyBytes);
        a = expand_a(encoded);
        for (int r = 0; r < K; ++r) {
            for (int i = 0; i < N; ++i) {
                t1[r][i] = reduce((int64_t)unpack(encoded + 32 + 320 * r, i, 10) << D);
            }
            t1[r] = ntt(t1[r]);
        }
        tr = shake256(Bytes(encoded, encoded + PublicKeyBytes), 64);
    }
};

struct PrivateKey {
    std::array<uint8_t, PrivateKeyBytes> bytes;
    std::array<Vector<L>, K> a;
    Vector<L> s1;  // s1, s2 and t0 as their NTT
    Vector<K> s2, t0;
    bool is_valid = true;  // no coefficient of s1 or s2 exceeds Eta

    const uint8_t* key() const { return bytes.data() + 32; }
    const uint8_t* tr() const { return bytes.data() + 64; }

    explicit PrivateKey(const uint8_t* encoded)
    {
        std::memcpy(bytes.data(), encoded, PrivateKeyBytes);
        a = expand_a(encoded);
        for (int i = 0; i < (L + K) * N; ++i) {
            is_valid &= unpack(encoded + 128, i, 3) <= 2 * Eta;
        }
        for (int s = 0; s < L; ++s) {
            s1[s] = ntt(unpack_below(encoded + 128 + 96 * s, Eta, 3));
        }
        for (int r = 0; r < K; ++r) {
            s2[r] = ntt(unpack_below(encoded + 128 + 96 * (L + r), Eta, 3));
            t0[r] = ntt(unpack_below(encoded + 128 + 96 * (L + K) + 416 * r, 1 << (D - 1), 13));
        }
    }
};

/// The encoded keys of a seed of 32 bytes (algorithm 6).
inline void generate(const uint8_t* seed, Bytes& public_key, Bytes& private_key)
{
    Bytes input(seed, seed + 32);
    input.push_back(K);
    input.push_back(L);
    Bytes expanded = shake256(input, 128);
    const uint8_t *rho = expanded.data(), *prime = rho + 32, *key = rho + 96;
    std::array<Vector<L>, K> a = expand_a(rho);
    Vector<L> s1;
    Vector<K> s2, t;
    for (int s = 0; s < L; ++s) {
        s1[s] = expand_s(prime, (uint16_t)s);
    }
    public_key.assign(rho, rho + 32);
    Bytes low;
    for (int r = 0; r < K; ++r) {
        s2[r] = expand_s(prime, (uint16_t)(L + r));
        Polynomial sum{};
        for (int s = 0; s < L; ++s) {
            sum = add(sum, multiply(a[r][s], ntt(s1[s])));
        }
        t[r] = add(inverse_ntt(sum), s2[r]);
        std::vector<uint32_t> t1;
        Polynomial t0;
        for (int i = 0; i < N; ++i) {
            int32_t rest = t[r][i] & ((1 << D) - 1);
            rest = rest > 1 << (D - 1) ? rest - (1 << D) : rest;
            t1.push_back((uint32_t)(t[r][i] - rest) >> D);
            t0[i] = reduce(rest);
        }
        pack(public_key, t1, 10);
        pack_below(low, t0, 1 << (D - 1), 13);
    }
    private_key.assign(rho, rho + 32);
    private_key.insert(private_key.end(), key, key + 32);
    Bytes tr = shake256(public_key, 64);
    private_key.insert(private_key.end(), tr.begin(), tr.end());
    for (const Polynomial& s : s1) {
        pack_below(private_key, s, Eta, 3);
    }
    for (const Polynomial& s : s2) {
        pack_below(private_key, s, Eta, 3);
    }
    private_key.insert(private_key.end(), low.begin(), low.end());
}

/// The message representative of a message and a context (algorithms 2 and 7, pure ML-DSA).
inline Bytes representative(const uint8_t* tr, const Bytes& message, const Bytes& context)
{
    const uint8_t head[2] = {0, (uint8_t)context.size()};
    return Shake(136).absorb(tr, 64).absorb(head, 2).absorb(context).absorb(message).squeeze(64);
}

inline Bytes challenge_hash(const uint8_t* mu, const Vector<K>& w1)
{
    Bytes packed;
    for (const Polynomial& row : w1) {
        pack(packed, std::vector<uint32_t>(row.begin(), row.end()), 4);
    }
    return Shake(136).absorb(mu, 64).absorb(packed).squeeze(ChallengeBytes);
}

/// Why an attempt was rejected; a signer tests the conditions in this order.
enum class Rejection { None, Z, Low, Ct0, Hints };

/// One pass of the loop of algorithm 7; `kappa` is a multiple of L.
inline Rejection attempt(const PrivateKey& key, const uint8_t* mu, const uint8_t* seed, uint32_t kappa, Bytes& signature)
{
    Vector<L> y, transformed;
    Vector<K> w, w1;
    for (int s = 0; s < L; ++s) {
        y[s] = expand_mask(seed, kappa + (uint32_t)s);
        transformed[s] = ntt(y[s]);
    }
    int32_t low;
    for (int r = 0; r < K; ++r) {
        Polynomial sum{};
        for (int s = 0; s < L; ++s) {
            sum = add(sum, multiply(key.a[r][s], transformed[s]));
        }
        w[r] = inverse_ntt(sum);
        for (int i = 0; i < N; ++i) {
            decompose(w[r][i], w1[r][i], low);
        }
    }
    signature = challenge_hash(mu, w1);
    Polynomial c = ntt(sample_in_ball(signature.data()));
    bool z_fits = true, low_fits = true, ct0_fits = true;
    for (int s = 0; s < L; ++s) {
        Polynomial z = add(y[s], inverse_ntt(multiply(c, key.s1[s])));
        z_fits &= norm(z) < Gamma1 - Beta;
        pack_below(signature, z, Gamma1, 20);
    }
    Bytes hints(Omega + K);
    int count = 0;
    for (int r = 0; r < K; ++r) {
        Polynomial difference = add(w[r], inverse_ntt(multiply(c, key.s2[r])), -1);
        Polynomial ct0 = inverse_ntt(multiply(c, key.t0[r]));
        ct0_fits &= norm(ct0) < Gamma2;
        Polynomial with = add(difference, ct0);
        for (int i = 0; i < N; ++i) {
            int32_t high, other;
            decompose(difference[i], high, low);
            low_fits &= std::abs(low) < Gamma2 - Beta;
            decompose(with[i], other, low);
            if (high != other) {
                if (count < Omega) {
                    hints[count] = (uint8_t)i;
                }
                ++count;
            }
        }
        hints[Omega + r] = (uint8_t)count;
    }
    signature.insert(signature.end(), hints.begin(), hints.end());
    return !z_fits ? Rejection::Z
        : !low_fits ? Rejection::Low
        : !ct0_fits ? Rejection::Ct0
        : count > Omega ? Rejection::Hints : Rejection::None;
}

/// Signs mu (algorithm 7 from line 7). Returns the number of attempts, or 0 if none of `limit` was accepted.
inline int sign(const PrivateKey& key, const uint8_t* mu, const uint8_t* random, Bytes& signature, int limit = MaximumAttempts)
{
    Bytes seed = Shake(136).absorb(key.key(), 32).absorb(random, 32).absorb(mu, 64).squeeze(64);
    for (int i = 0; i < limit; ++i) {
        if (attempt(key, mu, seed.data(), (uint32_t)(i * L), signature) == Rejection::None) {
            return i + 1;
        }
    }
    signature.clear();
    return 0;
}

/// Reads the hints of a signature (algorithm 21); returns false if their encoding is not the canonical one.
inline bool unpack_hints(const uint8_t* from, std::array<std::array<bool, N>, K>& hints)
{
    int index = 0;
    for (int r = 0; r < K; ++r) {
        hints[r].fill(false);
        int end = from[Omega + r];
        if (end < index || end > Omega) {
            return false;
        }
        for (int first = index; index < end; ++index) {
            if (index > first && from[index - 1] >= from[index]) {
                return false;
            }
            hints[r][from[index]] = true;
        }
    }
    for (; index < Omega; ++index) {
        if (from[index] != 0) {
            return false;
        }
    }
    return true;
}

/// Verifies a signature of mu (algorithm 8); a test can leave out the bound of z.
inline bool verify(const PublicKey& key, const uint8_t* mu, const Bytes& signature, bool tests_norm = true)
{
    std::array<std::array<bool, N>, K> hints;
    if (signature.size() != SignatureBytes || !unpack_hints(signature.data() + SignatureBytes - Omega - K, hints)) {
        return false;
    }
    Vector<L> z;
    for (int s = 0; s < L; ++s) {
        z[s] = unpack_below(signature.data() + ChallengeBytes + 640 * s, Gamma1, 20);
        if (tests_norm && norm(z[s]) >= Gamma1 - Beta) {
            return false;
        }
        z[s] = ntt(z[s]);
    }
    Polynomial c = ntt(sample_in_ball(signature.data()));
    Vector<K> w1;
    for (int r = 0; r < K; ++r) {
        Polynomial sum = add(Polynomial{}, multiply(c, key.t1[r]), -1);
        for (int s = 0; s < L; ++s) {
            sum = add(sum, multiply(key.a[r][s], z[s]));
        }
        sum = inverse_ntt(sum);
        for (int i = 0; i < N; ++i) {
            w1[r][i] = use_hint(hints[r][i], sum[i]);
        }
    }
    return std::memcmp(challenge_hash(mu, w1).data(), signature.data(), ChallengeBytes) == 0;
}

}  // namespace mldsa

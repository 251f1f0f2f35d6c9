// Tests the model of ML-DSA-87 with the ACVP vectors of NIST, before the benches of the unit rely on it.
#include "acvp.hpp"
#include "bench.hpp"

namespace {

void generates(const std::string& folder)
{
    size_t count = 0;
    for (const acvp::Test& test : acvp::read(folder + "/ML-DSA-87_keyGen.json")) {
        mldsa::Bytes public_key, private_key;
        mldsa::generate(acvp::bytes(test, "seed").data(), public_key, private_key);
        bench::check(public_key == acvp::bytes(test, "pk") && private_key == acvp::bytes(test, "sk"), "keyGen");
        ++count;
    }
    bench::equal(25, count, "vectors of keyGen");
}

void signs(const std::string& folder)
{
    size_t count = 0;
    for (const acvp::Test& test : acvp::read(folder + "/ML-DSA-87_sigGen.json")) {
        mldsa::PrivateKey key(acvp::bytes(test, "sk").data());
        mldsa::Bytes random = acvp::bytes(test, "rnd"), signature;
        random.resize(32);
        bench::check(mldsa::sign(key, acvp::representative(test, key.tr()).data(), random.data(), signature) > 0, "no attempt accepted");
        bench::check(signature == acvp::bytes(test, "signature"), "sigGen");
        ++count;
    }
    bench::equal(60, count, "vectors of sigGen");
}

void verifies(const std::string& folder)
{
    size_t count = 0;
    for (const acvp::Test& test : acvp::read(folder + "/ML-DSA-87_sigVer.json")) {
        mldsa::PublicKey key(acvp::bytes(test, "pk").data());
        bool valid = mldsa::verify(key, acvp::representative(test, key.tr.data()).data(), acvp::bytes(test, "signature"));
        bench::equal(test.at("testPassed") == "true", valid, "sigVer");
        ++count;
    }
    bench::equal(30, count, "vectors of sigVer");
}

}  // namespace

int main(int count, char** arguments)
{
    bench::check(count > 1, "usage: FOLDER with the ACVP vectors");
    generates(arguments[1]);
    signs(arguments[1]);
    verifies(arguments[1]);
    std::printf("PASSED: 25 keys, 60 signatures, 30 verifications of ACVP\n");
    return 0;
}

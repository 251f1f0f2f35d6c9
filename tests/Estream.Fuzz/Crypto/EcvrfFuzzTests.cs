using Estream.Crypto;
using Estream.Testing;

namespace Estream.Fuzz.Crypto;

/// <summary>Verifies damaged and invented proofs, and imports damaged and invented keys. A proof verifies only if it is intact; a key is
/// exported unchanged or refused. A failure names its seed.</summary>
public sealed class EcvrfFuzzTests
{
    private readonly EcvrfPrivateKey _key = EcvrfPrivateKey.ImportSeed(new byte[Ecvrf.SeedBytes]);
    private readonly byte[] _proof = new byte[Ecvrf.ProofBytes];
    private readonly byte[] _output = new byte[Ecvrf.OutputBytes];

    public EcvrfFuzzTests() => _key.Prove([1, 2, 3], _proof, _output);

    [Fact]
    public void A_damaged_proof_does_not_verify()
    {
        ForEachSeed(random =>
        {
            byte[] damaged = Damage.Of(_proof, random), output = new byte[Ecvrf.OutputBytes];
            Assert.Equal(damaged.AsSpan().SequenceEqual(_proof), _key.PublicKey.TryVerify([1, 2, 3], damaged, output));
        });
    }

    [Fact]
    public void A_damaged_key_is_refused_or_exported_unchanged_and_does_not_verify()
    {
        byte[] encoded = _key.PublicKey.Encoded.ToArray();
        ForEachSeed(random =>
        {
            byte[] damaged = Damage.Of(encoded, random), output = new byte[Ecvrf.OutputBytes];
            try
            {
                EcvrfPublicKey key = EcvrfPublicKey.Import(damaged);
                Assert.Equal(damaged, key.Encoded.ToArray());
                Assert.Equal(damaged.AsSpan().SequenceEqual(encoded), key.TryVerify([1, 2, 3], _proof, output));
            }
            catch (EstreamInvalidKeyException)
            {
                // Another length, not a point, or a small order.
            }
        });
    }

    private static void ForEachSeed(Action<Random> test)
    {
        int count = LongRun.Count(1_000, 200_000);
        for (int seed = 0; seed < count; seed++)
        {
            try
            {
                test(new Random(seed));
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"Seed {seed}: {failure.Message}", failure);
            }
        }
    }
}

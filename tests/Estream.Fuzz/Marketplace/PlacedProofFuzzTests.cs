using Estream.Fuzz.Crypto;
using Estream.Marketplace.Trust.Bundles;
using Estream.Testing;

namespace Estream.Fuzz.Marketplace;

/// <summary>Damages positions of entries and reads them. A failure names its seed.</summary>
public sealed class PlacedProofFuzzTests
{
    [Fact]
    public void A_damaged_entry_position_is_rejected_or_written_back_unchanged()
    {
        byte[] whole = new byte[sizeof(long) + (7 * 32)];
        new Random(1).NextBytes(whole);
        for (int seed = 0; seed < LongRun.Count(20_000, 1_000_000); seed++)
        {
            byte[] damaged = Damage.Of(whole, new Random(seed));
            if (LocatedProof.TryRead(damaged, out LocatedProof proof))
            {
                Assert.True(proof.Index >= 0 && BitConverter.ToInt64(damaged) == proof.Index && damaged.AsSpan(sizeof(long))
                    .SequenceEqual(proof.Path.Span), $"seed {seed}");
            }
        }
    }
}

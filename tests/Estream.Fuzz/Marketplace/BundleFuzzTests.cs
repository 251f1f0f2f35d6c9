using Estream.Core;
using Estream.Crypto;
using Estream.Fuzz.Crypto;
using Estream.Marketplace.Trust.Bundles;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Log;
using Estream.Marketplace.Trust.Roles;
using Estream.Testing;

namespace Estream.Fuzz.Marketplace;

/// <summary>Bundles, damaged and made up, against what reads and verifies them: each is refused with a reason, nothing throws, and what is read is written back as it came. A failure names its seed.</summary>
public sealed class BundleFuzzTests
{
    [Fact]
    public void A_damaged_bundle_is_refused_or_written_back_as_it_came()
    {
        using MlDsa87PrivateKey key = MlDsa87PrivateKey.ImportSeed(new byte[MlDsa87.SeedBytes]);
        NoteKey log = NoteKey.Create("example.org/log", NoteKeyKind.MlDsa87Cosignature, key.PublicKey);
        RoleKeys role = new([new DocumentKey(key.PublicKey)], 1);
        BundleVerifier verifier = new(new BundleTrust(new LogPolicy("example.org/log", [log], [], 0), role, role, role), SystemClock.Instance, TimeSpan.FromDays(1));
        byte[] whole = ComponentBundle.Create(Enum.GetValues<BundlePart>().ToDictionary(part => part, part => (ReadOnlyMemory<byte>)new byte[8 + (int)part])).Encode();
        int read = 0;
        for (int seed = 0; seed < LongRun.Count(2_000, 200_000); seed++)
        {
            byte[] damaged = Damage.Of(whole, new Random(seed));
            if (ComponentBundle.TryRead(damaged, out ComponentBundle? bundle, out string? reason))
            {
                Assert.True(bundle.Encode().AsSpan().SequenceEqual(damaged), $"seed {seed}");
                read++;
            }
            else
            {
                Assert.False(string.IsNullOrEmpty(reason), $"seed {seed}");
            }

            BundleVerdict verdict = verifier.Verify(damaged);
            Assert.False(verdict.IsAccepted, $"seed {seed}");
            Assert.NotEmpty(verdict.Reason);
        }

        Assert.InRange(read, 1, 1_000_000);
    }
}

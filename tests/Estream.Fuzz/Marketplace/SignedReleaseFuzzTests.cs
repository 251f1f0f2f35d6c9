using Estream.Crypto;
using Estream.Fuzz.Crypto;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Trust.Bundles;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Releases;
using Estream.Testing;

namespace Estream.Fuzz.Marketplace;

/// <summary>Releases as authors hand them in, damaged inside of packages that are whole: each is refused with a reason, or verifies as what was signed. A failure names its seed.</summary>
public sealed class SignedReleaseFuzzTests
{
    [Fact]
    public void A_damaged_release_is_refused_or_is_what_was_signed()
    {
        using DocumentSigner owner = new(MlDsa87PrivateKey.ImportSeed(new byte[MlDsa87.SeedBytes]));
        SignedRelease whole = SignedRelease.Sign(ComponentFolder.Read(RepositoryRoot.Combine("schemas", "esf-iot")).Package!, null, null, owner);
        int read = 0, refused = 0, verified = 0;
        for (int seed = 0; seed < LongRun.Count(300, 30_000); seed++)
        {
            Random random = new(seed);
            string path = random.Next(2) == 0 ? PackagePath.Manifest : PackagePath.Signature;
            Assert.True(whole.Package.TryGet(path, out PackageFile? file));
            using MemoryStream bytes = new();
            whole.Package.With(path, random.Next(20) == 0 ? file.Content : Damage.Of(file.Content.ToArray(), random)).Write(bytes);
            bytes.Position = 0;
            if (!SignedRelease.TryRead(bytes, whole.Entry, out SignedRelease? release, out string? reason))
            {
                Assert.False(string.IsNullOrEmpty(reason), $"seed {seed}");
                refused++;
                continue;
            }

            read++;
            if (ReleaseVerifier.Verify(release.Package.Signature!.Value.Span, ReleaseFacts.Of(release.Manifest, release.Package), [owner.Key], 1).IsVerified)
            {
                Assert.True(release.Package.Identity == whole.Package.Identity && release.Statement.Digest() == whole.Statement.Digest(), $"seed {seed}");
                verified++;
            }
        }

        Assert.True(read > verified && verified > 0 && refused > 0, $"{read} were read, {verified} verified and {refused} refused: the damage shows one side only");
    }

    [Fact]
    public void A_damaged_place_of_an_entry_is_none_or_written_back_as_it_came()
    {
        byte[] whole = new byte[sizeof(long) + (7 * 32)];
        new Random(1).NextBytes(whole);
        for (int seed = 0; seed < LongRun.Count(20_000, 1_000_000); seed++)
        {
            byte[] damaged = Damage.Of(whole, new Random(seed));
            if (PlacedProof.TryRead(damaged, out PlacedProof proof))
            {
                Assert.True(proof.Index >= 0 && BitConverter.ToInt64(damaged) == proof.Index && damaged.AsSpan(sizeof(long)).SequenceEqual(proof.Path.Span), $"seed {seed}");
            }
        }
    }
}

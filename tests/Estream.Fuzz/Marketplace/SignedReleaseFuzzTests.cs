using Estream.Crypto;
using Estream.Fuzz.Crypto;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Releases;
using Estream.Testing;

namespace Estream.Fuzz.Marketplace;

/// <summary>Damages releases as authors submit them, as a whole and inside intact packages: each is rejected with a reason, or
/// its verified content is the signed content. A failure names its seed.</summary>
public sealed class SignedReleaseFuzzTests
{
    [Fact]
    public void A_damaged_release_is_rejected_or_equals_the_signed_release()
    {
        using DocumentSigner owner = new(MlDsa87PrivateKey.ImportSeed(new byte[MlDsa87.SeedBytes]));
        SignedRelease whole =
            SignedRelease.Sign(ComponentFolder.Read(RepositoryRoot.Combine("schemas", "esf-iot")).Package!, null, null, owner);
        int read = 0, refused = 0, verified = 0;
        for (int seed = 0; seed < LongRun.Count(300, 30_000); seed++)
        {
            Random random = new(seed);
            using MemoryStream bytes = new(random.Next(4) == 0 ? Damage.Of(whole.Bytes.ToArray(), random) : Rebuilt(whole.Package, random));
            if (!SignedRelease.TryRead(bytes, whole.Entry, out SignedRelease? release, out string? reason))
            {
                Assert.False(string.IsNullOrEmpty(reason), $"seed {seed}");
                refused++;
                continue;
            }

            read++;
            if (ReleaseVerifier.Verify(release.Package.Signature!.Value.Span, ReleaseFacts.Of(release.Manifest, release.Package),
                [owner.Key], 1).IsVerified)
            {
                Assert.True(release.Package.Identity == whole.Package.Identity && release.Statement.Digest() == whole.Statement.Digest(),
                    $"seed {seed}");
                Assert.True(SignatureOf(release, owner).SequenceEqual(SignatureOf(whole, owner)), $"seed {seed}: nobody signed this");
                verified++;
            }
        }

        Assert.True(read > verified && verified > 0 && refused > 0,
            $"{read} were read, {verified} verified and {refused} refused: the damage does not produce both outcomes");
    }

    // Returns the owner's signature, to compare it as well: without the key, not even another signature of the same content can be created.
    private static ReadOnlySpan<byte> SignatureOf(SignedRelease release, DocumentSigner owner) =>
        DsseEnvelope.TryRead(release.Package.Signature!.Value.Span, ReleaseStatement.MaxFileBytes, out DsseEnvelope? envelope, out _)
            ? Assert.Single(envelope.Signatures, signature => signature.KeyId == owner.Key.MlDsa87Id).Bytes.Span
            : [];

    // Damages one file, or occasionally none, and rebuilds an intact archive around it.
    private static byte[] Rebuilt(Package package, Random random)
    {
        string path = random.Next(2) == 0 ? PackagePath.Manifest : PackagePath.Signature;
        bool isWhole = random.Next(20) == 0;
        using MemoryStream bytes = new();
        Package.Of(package.Files.Select(file => file.Path == path && !isWhole
            ? file with { Content = Damage.Of(file.Content.ToArray(), random) } : file)).Write(bytes);
        return bytes.ToArray();
    }
}

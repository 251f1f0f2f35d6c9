using Estream.Core;
using Estream.Crypto;
using Estream.Fuzz.Crypto;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Bundles;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Log;
using Estream.Marketplace.Trust.Namespaces;
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

    /// <summary>A bundle that a registry has made: what is damaged reaches every link of its chain, and not the first signature alone.</summary>
    [Fact]
    public async Task A_damaged_part_of_a_bundle_of_a_registry_is_refused_or_says_the_same()
    {
        using TempDirectory folder = new();
        using DocumentSigner owner = DocumentSigner.Generate();
        SignedRelease release = SignedRelease.Sign(ComponentFolder.Read(RepositoryRoot.Combine("schemas", "esf-iot")).Package!, null, null, owner);
        (ComponentBundle whole, BundleVerifier verifier) = await PublishAsync(folder.Combine("registry"), release, owner);
        byte[] package = release.Bytes.ToArray();
        Assert.True(Verify(verifier, whole, package).IsAccepted);
        HashSet<BundleFault> faults = [];
        for (int seed = 0; seed < LongRun.Count(600, 60_000); seed++)
        {
            Random random = new(seed);
            BundlePart damaged = random.GetItems(s_parts, 1)[0];
            Dictionary<BundlePart, ReadOnlyMemory<byte>> parts = s_parts.ToDictionary(part => part, part => part == damaged ? Damaged(whole[part], random) : whole[part]);
            BundleVerdict verdict = Verify(verifier, ComponentBundle.Create(parts), random.Next(10) == 0 ? Damage.Of(package, random) : package);
            Assert.False(string.IsNullOrEmpty(verdict.Reason) && !verdict.IsAccepted, $"seed {seed}");
            Assert.True(!verdict.IsAccepted || (verdict.Release.Statement.Digest() == release.Statement.Digest() && verdict.Release.Root256 == release.Package.Identity.Root256), $"seed {seed}: {damaged}");
            faults.Add(verdict.Fault);
        }

        Assert.True(faults.Count > 8, $"what is damaged shows {string.Join(", ", faults)} alone");
    }

    private static readonly BundlePart[] s_parts = [.. Enum.GetValues<BundlePart>().Where(part => part != BundlePart.Package)];

    private static ReadOnlyMemory<byte> Damaged(ReadOnlyMemory<byte> part, Random random) => part.IsEmpty ? new byte[] { 1 } : Damage.Of(part.ToArray(), random);

    private static BundleVerdict Verify(BundleVerifier verifier, ComponentBundle bundle, byte[] package)
    {
        using MemoryStream stream = new(package, writable: false);
        return verifier.Verify(bundle, stream);
    }

    private static async Task<(ComponentBundle Bundle, BundleVerifier Verifier)> PublishAsync(string folder, SignedRelease release, DocumentSigner owner)
    {
        _ = await RegistryFounding.CreateAsync(folder, "components.example.org/main", SystemClock.Instance, CancellationToken.None);
        using RegistryOperator registry = await RegistryOperator.OpenAsync(folder, SystemClock.Instance, CancellationToken.None);
        NamespaceRecord claim = new(NamespaceName.Of(release.Manifest.Name), 1, [owner.Key], 1, new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await registry.SubmitAsync(claim.Sign(owner).ToJson(), CancellationToken.None);
        PublishedRelease published = await registry.PublishAsync(release, null, CancellationToken.None);
        Assert.True(published.Result.Outcome == PublishOutcome.Published, string.Join('\n', published.Decision!.Reasons));
        RegistryRelease there = Assert.Single(await registry.Registry.ListAsync(release.Manifest.Name, CancellationToken.None));
        Assert.True(ComponentBundle.TryRead(await registry.Registry.ReadBundleAsync(there, CancellationToken.None), out ComponentBundle? bundle, out string? reason), reason);
        return (bundle, new BundleVerifier(BundleTrust.Of(registry.Root), SystemClock.Instance, TimeSpan.FromDays(1)));
    }
}

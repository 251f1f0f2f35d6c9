using System.Diagnostics.CodeAnalysis;
using System.Text;
using Estream.Core;
using Estream.Crypto;
using Estream.Fuzz.Crypto;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Bundles;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Log;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Roles;
using Estream.Testing;

namespace Estream.Fuzz.Marketplace;

/// <summary>Reads and verifies damaged and invented bundles: each is rejected with a reason, nothing throws, and a bundle that is
/// read is written back to the same bytes. A failure names its seed.</summary>
public sealed class BundleFuzzTests
{
    [Fact]
    public void A_damaged_bundle_is_rejected_or_written_back_unchanged()
    {
        using MlDsa87PrivateKey key = MlDsa87PrivateKey.ImportSeed(new byte[MlDsa87.SeedBytes]);
        NoteKey log = NoteKey.Create("example.org/log", NoteKeyKind.MlDsa87Cosignature, key.PublicKey);
        RoleKeys role = new([new DocumentKey(key.PublicKey)], 1);
        BundleVerifier verifier = new(new BundleTrust(new LogPolicy("example.org/log", [log], [], 0), role, role, role),
            SystemClock.Instance, TimeSpan.FromDays(1));
        byte[] whole = ComponentBundle.Create(Enum.GetValues<BundlePart>()
            .ToDictionary(part => part, part => (ReadOnlyMemory<byte>)new byte[8 + (int)part])).Encode();
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

    /// <summary>A bundle made by a registry, so that the damage reaches every link of its chain and not only the first
    /// signature.</summary>
    [Fact]
    public async Task A_damaged_part_of_a_registry_bundle_is_rejected_or_states_the_same()
    {
        using TempDirectory folder = new();
        using DocumentSigner owner = DocumentSigner.Generate();
        SignedRelease release =
            SignedRelease.Sign(ComponentFolder.Read(RepositoryRoot.Combine("schemas", "esf-iot")).Package!, null, null, owner);
        (ComponentBundle whole, BundleVerifier verifier) = await PublishAsync(folder.Combine("registry"), release, owner);
        byte[] package = release.Bytes.ToArray();
        Assert.True(Verify(verifier, whole, package).IsAccepted);
        HashSet<BundleFault> faults = [];
        for (int seed = 0; seed < LongRun.Count(600, 60_000); seed++)
        {
            Random random = new(seed);
            BundlePart damaged = random.GetItems(s_parts, 1)[0];
            Dictionary<BundlePart, ReadOnlyMemory<byte>> parts =
                s_parts.ToDictionary(part => part, part => part == damaged ? Damaged(whole[part], random) : whole[part]);
            bool isOther = random.Next(10) == 0;
            if (!TryMake(parts, out ComponentBundle? bundle))
            {
                continue;
            }

            BundleVerdict verdict = Verify(verifier, bundle, isOther ? Rebuilt(release.Package, random) : package);
            Assert.False(string.IsNullOrEmpty(verdict.Reason) && !verdict.IsAccepted, $"seed {seed}");
            if (verdict.IsAccepted)
            {
                Assert.True(verdict.Release.Statement.Digest() == release.Statement.Digest()
                    && verdict.Release.Root256 == release.Package.Identity.Root256, $"seed {seed}: {damaged}");
                Assert.True(!isOther && (damaged == BundlePart.Approvals || Said(parts[damaged]).SequenceEqual(Said(whole[damaged]))),
                    $"seed {seed}: {(isOther ? BundlePart.Package : damaged)} is accepted with different content");
            }

            faults.Add(verdict.Fault);
        }

        Assert.True(faults.Count > 8, $"the damage produces only the faults {string.Join(", ", faults)}");
    }

    // A bundle cannot be created with an empty part or a part that is too long. The other test shows that a reader rejects such bytes.
    private static bool TryMake(Dictionary<BundlePart, ReadOnlyMemory<byte>> parts, [NotNullWhen(true)] out ComponentBundle? bundle)
    {
        try
        {
            bundle = ComponentBundle.Create(parts);
        }
        catch (ArgumentException)
        {
            bundle = null;
        }

        return bundle is not null;
    }

    private static readonly BundlePart[] s_parts = [.. Enum.GetValues<BundlePart>().Where(part => part != BundlePart.Package)];

    private static ReadOnlyMemory<byte> Damaged(ReadOnlyMemory<byte> part, Random random) =>
        part.IsEmpty ? new byte[] { 1 }
        : random.Next(4) == 0 && Numbers(part.Span) is { Length: > 0 } numbers ? Renumbered(part.ToArray(), numbers, random)
        : random.Next(2) == 0 && Document(part) is { } document ? Reworded(part.Span, document, random)
        : Damage.Of(part.ToArray(), random);

    // Returns the document that a part holds in base64, below signatures or a proof.
    private static byte[]? Document(ReadOnlyMemory<byte> part) =>
        DsseEnvelope.TryRead(part.Span, part.Length, out DsseEnvelope? envelope, out _) ? envelope.UnverifiedPayload.ToArray()
        : NamespaceProof.TryRead(part.Span, out NamespaceProof? proof, out _) ? proof.State.Encode()
        : null;

    // Returns the offsets of the numbers in a JSON document: positions and sizes, for which a proof is made.
    private static int[] Numbers(ReadOnlySpan<byte> part)
    {
        List<int> numbers = [];
        for (int at = 1; part[0] == '{' && at < part.Length; at++)
        {
            if (part[at - 1] == ':' && char.IsAsciiDigit((char)part[at]))
            {
                numbers.Add(at);
            }
        }

        return [.. numbers];
    }

    private static byte[] Renumbered(byte[] part, int[] numbers, Random random)
    {
        part[random.GetItems(numbers, 1)[0]] = (byte)('0' + random.Next(10));
        return part;
    }

    // Returns a valid document with another number, under the signatures of the original document. Signatures are most of the bytes, so
    // other damage rarely leaves them intact.
    private static byte[] Reworded(ReadOnlySpan<byte> part, byte[] payload, Random random)
    {
        string signed = Convert.ToBase64String(payload);
        int[] digits = [.. Enumerable.Range(0, payload.Length).Where(at => char.IsAsciiDigit((char)payload[at]))];
        payload[random.GetItems(digits, 1)[0]] = (byte)('0' + random.Next(10));
        return Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(part)
            .Replace(signed, Convert.ToBase64String(payload), StringComparison.Ordinal));
    }

    // Puts another component into an intact archive.
    private static byte[] Rebuilt(Package package, Random random)
    {
        string path = random.GetItems(package.Files.Select(file => file.Path).Where(path => path != PackagePath.Signature).ToArray(), 1)[0];
        using MemoryStream bytes = new();
        Package.Of(package.Files.Select(file => file.Path == path
            ? file with { Content = (byte[])[.. file.Content.Span, (byte)'#'] } : file)).Write(bytes);
        return bytes.ToArray();
    }

    // Returns the signed payload. Parts without a signed payload are returned whole. Signatures that do not count may differ. This registry
    // requires no approvals, so it accepts none.
    private static ReadOnlySpan<byte> Said(ReadOnlyMemory<byte> part) =>
        DsseEnvelope.TryRead(part.Span, part.Length, out DsseEnvelope? envelope, out _) ? envelope.UnverifiedPayload.Span
        : SignedNote.TryParse(part.Span, out SignedNote? note, out _) ? note.Text
        : part.Span;

    private static BundleVerdict Verify(BundleVerifier verifier, ComponentBundle bundle, byte[] package)
    {
        using MemoryStream stream = new(package, writable: false);
        return verifier.Verify(bundle, stream);
    }

    private static async Task<(ComponentBundle Bundle, BundleVerifier Verifier)> PublishAsync(string folder, SignedRelease release,
        DocumentSigner owner)
    {
        _ = await RegistryInitializer.CreateAsync(folder, "components.example.org/main", SystemClock.Instance, CancellationToken.None);
        using RegistryOperator registry = await RegistryOperator.OpenAsync(folder, SystemClock.Instance, CancellationToken.None);
        NamespaceRecord claim =
            new(NamespaceName.Of(release.Manifest.Name), 1, [owner.Key], 1, new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await registry.SubmitAsync(claim.Sign(owner).ToJson(), CancellationToken.None);
        PublishedRelease published = await registry.PublishAsync(release, null, CancellationToken.None);
        Assert.True(published.Result.Outcome == PublishOutcome.Published, string.Join('\n', published.Decision!.Reasons));
        RegistryRelease there = Assert.Single(await registry.Registry.ListAsync(release.Manifest.Name, CancellationToken.None));
        Assert.True(
            ComponentBundle.TryRead(await registry.Registry.ReadBundleAsync(there, CancellationToken.None), out ComponentBundle? bundle,
                out string? reason), reason);
        return (bundle, new BundleVerifier(BundleTrust.Of(registry.Root), SystemClock.Instance, TimeSpan.FromDays(1)));
    }
}

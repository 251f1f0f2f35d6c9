using System.Text;
using Estream.Fuzz.Crypto;
using Estream.Marketplace.Files;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Releases;
using Estream.Marketplace.Trust.Roles;
using Estream.Testing;

namespace Estream.Fuzz.Marketplace;

/// <summary>
/// Damages envelopes, releases, approvals, roles and stored trust: only signed content is accepted, and only documented exceptions are
/// thrown. Payloads are also damaged before they are signed, as by a key holder with a faulty program. A failure names the seed that
/// repeats it.
/// </summary>
public sealed class TrustFuzzTests : IDisposable
{
    private static readonly DateTimeOffset s_expires = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly DocumentSigner[] _signers = [DocumentSigner.Generate(), DocumentSigner.Generate()];

    public void Dispose() => Array.ForEach(_signers, signer => signer.Dispose());

    [Fact]
    public void Damaged_envelopes_have_no_valid_signature()
    {
        byte[] whole = DsseEnvelope.Sign(DocumentType.Release, "{\"a\":1}"u8, _signers).ToJson();
        DocumentKey[] keys = [.. _signers.Select(signer => signer.Key)];
        Run(2_000, 200_000, seed =>
        {
            byte[] bytes = Damage.Of(whole, new Random(seed));
            if (!DsseEnvelope.TryRead(bytes, whole.Length + 32, out DsseEnvelope? envelope, out string? reason))
            {
                Assert.NotEmpty(reason);
                return;
            }

            if (envelope.TryVerify(DocumentType.Release, keys, 1, out ReadOnlyMemory<byte> payload, out _))
            {
                Assert.True(payload.Span.SequenceEqual("{\"a\":1}"u8));
            }
        });
    }

    [Fact]
    public void Damaged_payloads_are_read_or_rejected()
    {
        byte[][] payloads =
            [.. Documents().Select(document => document.ToPayload()), Release().ToPayload(), ReleaseApproval.Of(Release()).ToPayload()];
        int read = 0;
        Run(20_000, 1_000_000, seed =>
        {
            Random random = new(seed);
            byte[] bytes = random.Next(2) == 0
                ? Damage.Of(payloads[random.Next(payloads.Length)], random)
                : Swapped(payloads[random.Next(payloads.Length)], random);
            read += RootDocument.TryRead(bytes, out RootDocument? root, out string? reason)
                ? Same(root.ToPayload(), bytes)
                : Refused(reason);
            read += TargetsDocument.TryRead(bytes, out TargetsDocument? targets, out reason)
                ? Same(targets.ToPayload(), bytes)
                : Refused(reason);
            read += SnapshotDocument.TryRead(bytes, out SnapshotDocument? snapshot, out reason)
                ? Same(snapshot.ToPayload(), bytes)
                : Refused(reason);
            read += TimestampDocument.TryRead(bytes, out TimestampDocument? timestamp, out reason)
                ? Same(timestamp.ToPayload(), bytes)
                : Refused(reason);
            read += ReleaseStatement.TryRead(bytes, out ReleaseStatement? release, out reason)
                ? Same(release.ToPayload(), bytes)
                : Refused(reason);
            read += ReleaseApproval.TryRead(bytes, out ReleaseApproval? approval, out reason)
                ? Same(approval.ToPayload(), bytes)
                : Refused(reason);
        });
        Assert.True(read > 10, "too few texts were read: the damage does not produce both outcomes");
    }

    [Fact]
    public async Task Damaged_registries_are_trusted_only_as_they_were_signed()
    {
        using TempDirectory folder = new();
        RoleDirectory registry = new(folder.Combine("registry"), ManualClock.At("2026-11-23"));
        RoleDocument[] documents = Documents();
        RolePublication publication = new()
        {
            Roots = [documents[0].Sign(_signers[0])], Targets = [documents[1].Sign(_signers[0])], SnapshotSigners = [_signers[1]],
            TimestampSigners = [_signers[1]],
        };
        Assert.Null(await registry.PublishAsync(publication));
        Dictionary<string, byte[]> files = Directory.EnumerateFiles(folder.Combine("registry"))
            .ToDictionary(path => Path.GetFileName(path), path => File.ReadAllBytes(path));
        string[] names = [.. files.Keys.Where(name => name != "1.root.json")];
        (int believed, int refused) = (0, 0);
        for (int seed = 0; seed < LongRun.Count(500, 50_000); seed++)
        {
            Random random = new(seed);
            string name = names[random.Next(names.Length)];
            MemoryFileSource shown = new();
            foreach ((string file, byte[] bytes) in files)
            {
                shown.Put(file, file == name ? Damage.Of(bytes, random) : bytes);
            }

            TrustClient client =
                new(new TrustAnchor(files["1.root.json"]), new TrustStore(folder.Combine($"state-{seed}")), ManualClock.At("2026-11-23"));
            TrustOutcome outcome = await client.RefreshAsync(shown);
            (believed, refused) = outcome.IsTrusted ? (believed + 1, refused) : (believed, refused + 1);
            Assert.True(!outcome.IsTrusted || outcome.Roles.Snapshot.LogSize == 0, $"seed {seed}: {name}");
        }

        Assert.True(refused > 100, $"{believed} were trusted and {refused} rejected");
    }

    [Fact]
    public void Damaged_trust_state_is_reported()
    {
        byte[] whole = new TrustState
        {
            Root = [1, 2, 3],
            Timestamp = [4],
            Snapshot = [5],
            Targets = new Dictionary<string, byte[]> { ["targets"] = [6] },
            LatestTime = s_expires,
        }.ToJson();
        Run(5_000, 500_000, seed =>
        {
            byte[] bytes = Damage.Of(whole, new Random(seed));
            Assert.True(TrustState.TryRead(bytes, out TrustState? state, out string? reason)
                ? state.ToJson().AsSpan().SequenceEqual(bytes) : reason.Length > 0);
        });
    }

    private static int Same(byte[] written, byte[] read)
    {
        Assert.Equal(Encoding.UTF8.GetString(read), Encoding.UTF8.GetString(written));
        return 1;
    }

    private static int Refused(string reason)
    {
        Assert.NotEmpty(reason);
        return 0;
    }

    /// <summary>Exchanges words for others, so that the text is still JSON more often.</summary>
    private static byte[] Swapped(byte[] payload, Random random)
    {
        string[] words = ["1", "0", "-1", "null", "true", "[]", "{}", "\"\"", "\"x\"", "\"targets\"", "9007199254740991"];
        string text = Encoding.UTF8.GetString(payload);
        int at = text.IndexOf(':', random.Next(text.Length));
        int end = at < 0 ? -1 : text.IndexOfAny([',', '}'], at);
        return end < 0 ? payload : Encoding.UTF8.GetBytes(text[..(at + 1)] + words[random.Next(words.Length)] + text[end..]);
    }

    private static void Run(int everyday, int full, Action<int> check)
    {
        for (int seed = 0; seed < LongRun.Count(everyday, full); seed++)
        {
            try
            {
                check(seed);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}", failure);
            }
        }
    }

    private static ReleaseStatement Release() => new()
    {
        Package = new PackageFacts
        {
            Name = "@acme/meter", Version = "1.2.0", Category = "wire-adapter", Root256 = new string('1', 64), Root3 = new string('2', 64),
            ManifestSha256 = new string('3', 64),
            Permissions = ["network:connect"], Dependencies = new Dictionary<string, string> { ["esf-iot"] = "^1.0.0" }, Provides = ["a"],
            Requires = ["b"], License = "Apache-2.0",
        },
        BuildRef = "git+https://example.org/meter@0123",
    };

    private RoleDocument[] Documents()
    {
        RoleKeys offline = new([_signers[0].Key], 1), online = new([_signers[1].Key], 1);
        DocumentReference reference = new(1, 100, new string('a', 64));
        return
        [
            new RootDocument
            {
                Version = 1,
                Expires = s_expires,
                Registry = "registry.example/main",
                Root = offline,
                Targets = offline,
                Snapshot = online,
                Timestamp = online,
            },
            new TargetsDocument
            {
                Version = 1, Expires = s_expires, Rules = [new TierRule(ComponentPattern.Parse("@acme/*"), TrustTier.Verified)],
                Categories = new Dictionary<string, CategoryPolicy> { ["app"] = new(1, [_signers[0].Key], TrustTier.Core) },
                Files = new Dictionary<string, DocumentReference> { ["a.txt"] = reference },
            },
            new SnapshotDocument
            {
                Version = 1,
                Expires = s_expires,
                Targets = new Dictionary<string, DocumentReference> { ["targets"] = reference },
                LogSize = 1,
                LogRoot = new string('b', 64),
                NamespaceRoot = new string('c', 64),
            },
            new TimestampDocument { Version = 1, Expires = s_expires, Snapshot = reference },
        ];
    }
}

using Estream.Marketplace.Files;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Roles;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Trust.Roles;

/// <summary>
/// A registry in which a test can change any document and any key, sign arbitrary content, and serve it to a client. Its documents are
/// valid unless the test changes them.
/// </summary>
internal sealed class RegistryRig : IDisposable
{
    private readonly TempDirectory _directory = new();

    public RegistryRig()
    {
        Root = new RootDocument
        {
            Version = 1, Expires = Clock.Now.AddYears(1), Registry = "registry.example/main",
            Root = Keys(RootSigners, 2), Targets = Keys(TargetsSigners, 1), Snapshot = Keys(SnapshotSigners, 1),
            Timestamp = Keys(TimestampSigners, 1),
        };
        Targets = new TargetsDocument
        {
            Version = 0,
            Expires = Clock.Now.AddDays(90),
            Rules = [new TierRule(ComponentPattern.Parse("@acme/*"), TrustTier.Community)],
        };
        Snapshot = new SnapshotDocument
        {
            Version = 0,
            Expires = default,
            Targets = new Dictionary<string, DocumentReference>(),
            LogSize = 0,
            LogRoot = Hash('a'),
            NamespaceRoot = Hash('b'),
        };
        Timestamp = new TimestampDocument { Version = 0, Expires = default, Snapshot = new DocumentReference(1, 1, Hash('c')) };
        PutRoot(RootSigners);
        FirstRoot = Source.Files["1.root.json"];
        Publish();
    }

    public ManualClock Clock { get; } = ManualClock.At("2026-11-23 06:33");

    public MemoryRoleSource Source { get; } = new();

    public List<DocumentSigner> RootSigners { get; } = [DocumentSigner.Generate(), DocumentSigner.Generate(), DocumentSigner.Generate()];

    public List<DocumentSigner> TargetsSigners { get; } = [DocumentSigner.Generate()];

    public List<DocumentSigner> SnapshotSigners { get; } = [DocumentSigner.Generate()];

    public List<DocumentSigner> TimestampSigners { get; } = [DocumentSigner.Generate()];

    public RootDocument Root { get; set; }

    public TargetsDocument Targets { get; set; }

    public SnapshotDocument Snapshot { get; set; }

    public TimestampDocument Timestamp { get; set; }

    /// <summary>The signed documents that the top-level targets delegate to.</summary>
    public Dictionary<string, (TargetsDocument Document, DocumentSigner[] Signers)> Delegated { get; } = new(StringComparer.Ordinal);

    public byte[] FirstRoot { get; }

    public TrustAnchor? Anchor { get; set; }

    public string StatePath => _directory.Combine("state", TrustStore.FileName);

    public static RoleKeys Keys(IEnumerable<DocumentSigner> signers, int threshold) => new(signers.Select(signer => signer.Key), threshold);

    public static string Hash(char digit) => new(digit, 64);

    public TrustClient Client() => new(Anchor ?? new TrustAnchor(FirstRoot), new TrustStore(_directory.Combine("state")), Clock);

    public async Task<TrustedRoles> RefreshAsync()
    {
        TrustOutcome outcome = await Client().RefreshAsync(Source);
        Assert.True(outcome.IsTrusted, outcome.Fault?.ToString());
        return outcome.Roles;
    }

    /// <summary>Refreshes and asserts that the refresh is rejected and leaves the state unchanged.</summary>
    public async Task<RoleFault> RefusedAsync(RoleFaultKind kind, bool mayStateChange = false)
    {
        byte[]? before = File.Exists(StatePath) ? File.ReadAllBytes(StatePath) : null;
        TrustOutcome outcome = await Client().RefreshAsync(Source);
        Assert.False(outcome.IsTrusted, "a client believes it");
        Assert.True(kind == outcome.Fault.Kind, $"{kind} was expected: {outcome.Fault}");
        Assert.True(mayStateChange || (before ?? []).AsSpan().SequenceEqual(File.Exists(StatePath) ? File.ReadAllBytes(StatePath) : []),
            "something was kept of what was refused");
        return outcome.Fault;
    }

    /// <summary>Publishes the next versions of all documents except the root.</summary>
    public void Publish()
    {
        PublishTargets();
        PublishSnapshot();
        PublishTimestamp();
    }

    public void PublishTargets()
    {
        Targets = Targets with { Version = Targets.Version + 1 };
        Source.Files[$"{Targets.Version}.targets.json"] = Targets.Sign(TargetsSigners).ToJson();
        foreach ((string role, (TargetsDocument document, DocumentSigner[] signers)) in Delegated)
        {
            Source.Files[$"{document.Version}.{role}.json"] = document.Sign(signers).ToJson();
        }
    }

    public void PublishSnapshot()
    {
        Dictionary<string, DocumentReference> targets = Delegated.ToDictionary(pair => pair.Key,
            pair => Reference($"{pair.Value.Document.Version}.{pair.Key}.json", pair.Value.Document.Version));
        targets["targets"] = Reference($"{Targets.Version}.targets.json", Targets.Version);
        PutSnapshot(Snapshot with { Version = Snapshot.Version + 1, Expires = Clock.Now.AddDays(7), Targets = targets });
    }

    public void PutSnapshot(SnapshotDocument snapshot)
    {
        Snapshot = snapshot;
        Source.Files[$"{snapshot.Version}.snapshot.json"] = snapshot.Sign(SnapshotSigners).ToJson();
    }

    public void PublishTimestamp() =>
        PutTimestamp(Timestamp with
        {
            Version = Timestamp.Version + 1,
            Expires = Clock.Now.AddDays(1),
            Snapshot = Reference($"{Snapshot.Version}.snapshot.json", Snapshot.Version),
        });

    public void PutTimestamp(TimestampDocument timestamp)
    {
        Timestamp = timestamp;
        Source.Files["timestamp.json"] = timestamp.Sign(TimestampSigners).ToJson();
    }

    public DocumentReference Reference(string file, long version) => DocumentReference.Of(version, Source.Files[file]);

    /// <summary>Publishes the next root with the current keys, signed by the given signers or else by the old and new root keys.</summary>
    public void Rotate(Func<RootDocument, RootDocument>? change = null, IEnumerable<DocumentSigner>? signers = null)
    {
        RootDocument next = Root with
        {
            Version = Root.Version + 1,
            Root = Keys(RootSigners, 2),
            Targets = Keys(TargetsSigners, 1),
            Snapshot = Keys(SnapshotSigners, 1),
            Timestamp = Keys(TimestampSigners, 1),
        };
        Root = change?.Invoke(next) ?? next;
        PutRoot(signers ?? RootSigners);
    }

    public void PutRoot(IEnumerable<DocumentSigner> signers) => Source.Files[$"{Root.Version}.root.json"] = Root.Sign(signers).ToJson();

    public static void Replace(List<DocumentSigner> signers)
    {
        signers.Clear();
        signers.Add(DocumentSigner.Generate());
    }

    public void Dispose()
    {
        foreach (DocumentSigner signer in RootSigners.Concat(TargetsSigners).Concat(SnapshotSigners).Concat(TimestampSigners))
        {
            signer.Dispose();
        }

        _directory.Dispose();
    }
}

/// <summary>A registry that a test fully controls and that records the requested files.</summary>
internal sealed class MemoryRoleSource : IFileSource
{
    public Dictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>Files that never end.</summary>
    public Dictionary<string, EndlessStream> Endless { get; } = new(StringComparer.Ordinal);

    public List<string> Asked { get; } = [];

    public async ValueTask<byte[]?> ReadAsync(string path, int maxBytes, CancellationToken cancellation)
    {
        FilePaths.Require(path);
        Asked.Add(path);
        Stream? stream = Endless.TryGetValue(path, out EndlessStream? endless) ? endless : Files.TryGetValue(path, out byte[]? bytes)
            ? new MemoryStream(bytes, writable: false)
            : null;
        return stream is null ? null
            : await BoundedContent.ReadAsync(stream, maxBytes, cancellation)
                ?? throw new EstreamContentException($"'{path}' has more than {maxBytes} bytes.", path);
    }
}

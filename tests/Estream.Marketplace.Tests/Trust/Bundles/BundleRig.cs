using System.Security.Cryptography;
using System.Text;
using Estream.Crypto;
using Estream.Esf.Schema;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Tests.Trust.Log;
using Estream.Marketplace.Trust.Bundles;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Log;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Releases;
using Estream.Marketplace.Trust.Roles;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Trust.Bundles;

/// <summary>A small registry: a log with a witness, roles, a namespace with two of three owners, and a release. Tests change its settings
/// before they call <see cref="BuildAsync"/>.</summary>
internal sealed class BundleRig : IDisposable
{
    public static readonly ComponentName Card = ComponentName.Parse("@acme/card");
    public static readonly SemanticVersion Version = SemanticVersion.Parse("1.0.0");

    private static readonly NamespaceName s_acme = NamespaceName.Of(Card);

    private readonly LogRig _rig = new();
    private readonly DocumentSigner _snapshotSigner = Signer(11), _timestampSigner = Signer(12), _targetsSigner = Signer(13);

    public BundleRig()
    {
        Owners = [Signer(1), Signer(2), Signer(3)];
        Witness = _rig.Witness("witness.example/w", 6);
        Expires = _rig.Clock.Now.AddDays(1);
        Trust = new BundleTrust(
            new LogPolicy(LogRig.Origin, _rig.Signers.Select(signer => signer.Key), [Witness.Key], 1),
            new RoleKeys([_snapshotSigner.Key], 1), new RoleKeys([_timestampSigner.Key], 1), new RoleKeys([_targetsSigner.Key], 1));
        Reviewers = [Signer(21), Signer(22), Signer(23)];
    }

    public ManualClock Clock => _rig.Clock;

    public DocumentSigner[] Owners { get; }

    public NoteSigner Witness { get; }

    public BundleTrust Trust { get; }

    /// <summary>The keys of the log, followed by the key of the witness.</summary>
    public IEnumerable<NoteKey> NoteKeys => [.. _rig.Signers.Select(signer => signer.Key), Witness.Key];

    /// <summary>The expiry of the snapshot and the timestamp.</summary>
    public DateTimeOffset Expires { get; set; }

    public DocumentSigner[] Reviewers { get; }

    /// <summary>The policy for the category of the release; null if the policy does not name the category.</summary>
    public CategoryPolicy? Policy { get; set; } = new(0, [], TrustTier.Community);

    /// <summary>Changes the policy; receives the correct policy and returns the policy to sign.</summary>
    public Func<TargetsDocument, TargetsDocument> Targets { get; set; } = targets => targets;

    /// <summary>Creates the envelope with the approvals of the given release statement.</summary>
    public Func<ReleaseStatement, DsseEnvelope?> Approvals { get; set; } = _ => null;

    public DateTimeOffset RecordExpires { get; set; } = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public Func<DocumentSigner[], DocumentSigner[]> ReleaseSigners { get; set; } = owners => owners[..2];

    /// <summary>The log entries after the publication.</summary>
    public List<byte[]> Later { get; } = [];

    /// <summary>Changes the release statement; receives the correct statement and returns the statement to sign.</summary>
    public Func<string, string> Statement { get; set; } = statement => statement;

    public BundleVerifier Verifier(TimeSpan? maxAge = null) => new(Trust, Clock, maxAge ?? TimeSpan.FromDays(30));

    public static DocumentSigner Signer(byte seed) => new(MlDsa87PrivateKey.ImportSeed([.. Enumerable.Repeat(seed, MlDsa87.SeedBytes)]));

    public static byte[] Package(string content = "one")
    {
        using MemoryStream stream = new();
        PackageOf(content).Write(stream);
        return stream.ToArray();
    }

    public async Task<ComponentBundle> BuildAsync()
    {
        Package package = PackageOf("one");
        string root = package.Identity.Root256;
        byte[] statement = Encoding.UTF8.GetBytes(Statement(Encoding.UTF8.GetString(new ReleaseStatement
        {
            Package = new PackageFacts
            {
                Name = Card.ToString(),
                Version = Version.ToString(),
                Category = "wire-adapter",
                Root256 = root,
                Root3 = package.Identity.Root3,
                ManifestSha256 = Convert.ToHexStringLower(SHA256.HashData(package.Manifest.Span)),
                License = "Apache-2.0",
            },
        }.ToPayload())));
        using ComponentLog log = await ComponentLog.OpenAsync(new TransparencyLogOptions
        {
            Directory = _rig.Directory,
            Origin = LogRig.Origin,
            Signers = _rig.Signers,
        }, CancellationToken.None);
        Submit(log, new NamespaceRecord(s_acme, 1, [.. Owners.Select(owner => owner.Key)], 2, RecordExpires).Sign(Owners[..2]).ToJson());
        Submit(log, new PublishEntry(Card, Version, root, Convert.ToHexStringLower(SHA256.HashData(statement))).Sign(Owners[..2]).ToJson());
        Later.ForEach(entry => Submit(log, entry));
        SignedNote signed = log.Sign();
        Assert.True(Checkpoint.TryParse(signed.Text, out Checkpoint? checkpoint, out _));
        SignedNote cosigned = signed.With([Witness.Sign(checkpoint)]);
        log.Publish();
        TargetsDocument policy = new()
        {
            Version = 3,
            Expires = Expires,
            Categories = Policy is null
                ? new Dictionary<string, CategoryPolicy>()
                : new Dictionary<string, CategoryPolicy> { ["wire-adapter"] = Policy },
        };
        byte[] targets = Targets(policy).Sign(_targetsSigner).ToJson();
        byte[] snapshot = new SnapshotDocument
        {
            Version = 1,
            Expires = Expires,
            Targets = new Dictionary<string, DocumentReference> { ["targets"] = DocumentReference.Of(3, targets) },
            LogSize = checkpoint.Size,
            LogRoot = Convert.ToHexStringLower(checkpoint.Root),
            NamespaceRoot = Convert.ToHexStringLower(log.Map.ComputeRoot()),
        }.Sign(_snapshotSigner).ToJson();
        byte[] timestamp = new TimestampDocument
        {
            Version = 1,
            Expires = Expires,
            Snapshot = DocumentReference.Of(1, snapshot),
        }.Sign(_timestampSigner).ToJson();
        byte[] release = DsseEnvelope.Sign(DocumentType.Release, statement, ReleaseSigners(Owners)).ToJson();
        DsseEnvelope? approvals = ReleaseStatement.TryRead(statement, out ReleaseStatement? said, out _) ? Approvals(said) : null;
        return (await new BundleBuilder(_rig.Client, log.Map, cosigned, snapshot, timestamp, targets).BuildAsync(Card, Version, release,
            approvals, CancellationToken.None))!;
    }

    /// <summary>Returns the inclusion proof of an entry in the log of a bundle, as bundles encode it.</summary>
    public async Task<byte[]> ProveAsync(ComponentBundle bundle, long index)
    {
        Checkpoint checkpoint = Trust.Log.Verify(bundle[BundlePart.Checkpoint].Span).Checkpoint!;
        return LocatedProof.Encode(await _rig.Client.ReadEntryAsync(checkpoint, index, CancellationToken.None));
    }

    public byte[] Revocation(int owner, long fromIndex) =>
        new KeyRevocation(s_acme, Owners[owner].Key.Id, fromIndex, "Stolen.").Sign(Owners[1..]).ToJson();

    public byte[] Rotation(params DocumentSigner[] owners) =>
        new NamespaceRecord(s_acme, 2, [.. owners.Select(owner => owner.Key)], 1, RecordExpires).Sign([.. Owners[..2], .. owners]).ToJson();

    public void Dispose()
    {
        foreach (DocumentSigner owner in Owners)
        {
            owner.Dispose();
        }

        Array.ForEach(Reviewers, reviewer => reviewer.Dispose());
        _targetsSigner.Dispose();
        _snapshotSigner.Dispose();
        _timestampSigner.Dispose();
        _rig.Dispose();
    }

    private static Package PackageOf(string content) => Estream.Marketplace.Packages.Package.Of(
        [new PackageFile(PackagePath.Manifest, false, Encoding.UTF8.GetBytes("[component]\n")),
            new PackageFile("data.txt", false, Encoding.UTF8.GetBytes(content))]);

    private static void Submit(ComponentLog log, byte[] entry)
    {
        Assert.Equal(LogEntryFault.None, log.Submit(entry, out _, out string reason));
        Assert.Empty(reason);
    }
}

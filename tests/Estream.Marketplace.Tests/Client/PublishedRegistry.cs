using System.Security.Cryptography;
using Estream.Core;
using Estream.Crypto;
using Estream.Marketplace.Files;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Bundles;
using Estream.Marketplace.Trust.Catalogs;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Log;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Releases;
using Estream.Marketplace.Trust.Roles;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Client;

/// <summary>A registry with keys, a log, namespaces and real packages, built with the public API. It publishes valid releases unless the
/// test changes them.</summary>
internal sealed class PublishedRegistry : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly IClock _clock;
    private readonly List<DocumentSigner> _signers = [];
    private readonly HashSet<NamespaceName> _namespaces = [];
    private readonly DocumentSigner _owner, _targets;
    private readonly MlDsa87PrivateKey _logKey = MlDsa87PrivateKey.Generate();
    private readonly Func<TransparencyLogOptions, ComponentLog> _open;
    private readonly List<byte[]> _records = [];
    private ComponentLog _log;
    private int _logs;
    private byte[]? _policy;
    private long _policyVersion = 1;
    private readonly List<RegistryFile> _roots = [];
    private DocumentSigner _snapshot, _timestamp;
    private int _version;

    private PublishedRegistry(string name, IClock clock, Func<TransparencyLogOptions, ComponentLog> open)
    {
        (Name, _clock) = (name, clock);
        (_owner, _targets, _snapshot, _timestamp) = (Signer(), Signer(), Signer(), Signer());
        Root = new RootDocument
        {
            Version = 1,
            Expires = Now.AddYears(1),
            Registry = name,
            Root = Keys(Signer()),
            Targets = Keys(_targets),
            Snapshot = Keys(_snapshot),
            Timestamp = Keys(_timestamp),
            LogKeys = new RoleKeys([new DocumentKey(_logKey.PublicKey)], 1),
        };
        (_open, _log) = (open, open(LogOptions()));
    }

    public string Name { get; }

    public RootDocument Root { get; set; }

    /// <summary>The policy of each category.</summary>
    public Dictionary<string, CategoryPolicy> Policy { get; } =
        ComponentCategories.Names.ToDictionary(category => category, _ => new CategoryPolicy(0, [], TrustTier.Community));

    /// <summary>The envelope of the root, as clients receive it.</summary>
    /// <summary>The trust tiers that the policy assigns.</summary>
    public List<TierRule> Rules { get; } = [];

    public byte[] RootFile => Root.Sign(_signers.Where(signer => Root.Root.Keys.Contains(signer.Key))).ToJson();

    private DateTimeOffset Now => DateTimeOffset.FromUnixTimeSeconds(_clock.UtcNanos / 1_000_000_000);

    private string LogFolder => _folder.Combine($"log{_logs}");

    public static PublishedRegistry Create(IClock clock, string name = "components.example/main") =>
        new(name, clock, options => ComponentLog.OpenAsync(options, CancellationToken.None).AsTask().GetAwaiter().GetResult());

    /// <summary>Publishes releases to several registries, with the same bytes.</summary>
    public async Task PublishAsync(IReadOnlyList<IComponentRegistry> places, params PublishedRelease[] releases)
    {
        (PublishedRelease Release, Package Package, byte[] Statement)[] made = [.. releases.Select(Make)];
        foreach ((PublishedRelease release, Package package, byte[] statement) in made)
        {
            NamespaceName space = NamespaceName.Of(release.Name);
            if (_namespaces.Add(space))
            {
                _records.Add(new NamespaceRecord(space, 1, [_owner.Key], 1, Now.AddYears(2)).Sign(_owner).ToJson());
                Submit(_records[^1]);
            }

            Submit(new PublishEntry(release.Name, release.Version, package.Identity.Root256,
                Convert.ToHexStringLower(SHA256.HashData(statement))));
        }

        BundleBuilder bundles = Checkpointed();
        foreach ((PublishedRelease release, Package package, byte[] statement) in made)
        {
            byte[] envelope = DsseEnvelope.Sign(DocumentType.Release, statement, _owner).ToJson();
            ComponentBundle? bundle = await bundles.BuildAsync(release.Name, release.Version, envelope, null, CancellationToken.None);
            RegistryPublication publication = Publication(release, package, bundle!.Encode());
            foreach (IComponentRegistry place in places)
            {
                await place.PublishAsync(publication, CancellationToken.None);
            }
        }

        foreach (IComponentRegistry place in places)
        {
            await SayAsync(place);
        }
    }

    /// <summary>Publishes signed metadata for the current content of a registry.</summary>
    public async Task SayAsync(IComponentRegistry place)
    {
        List<ReleaseIndex> indexes = [];
        foreach (ComponentName name in await place.SearchAsync("", 1000, CancellationToken.None))
        {
            ReleaseIndex index = ReleaseIndex.Empty(name);
            indexes.Add((await place.ListAsync(name, CancellationToken.None)).Aggregate(index, (all, release) => all.With(release)));
        }

        CatalogFiles catalog = CatalogFiles.Of(indexes, _log.Map.States);
        (SignedNote _, byte[] snapshot, byte[] timestamp) = Sign(catalog.Top);
        List<RegistryFile> files = [.. catalog.Content.Select(file => new RegistryFile(file.Key, file.Value)), .. LogFiles(),
            new($"roles/{_policyVersion}.targets.json", Targets())];
        files.AddRange(_roots.Count == 0 ? [new RegistryFile("roles/1.root.json", RootFile)] : _roots);
        files.Add(new RegistryFile($"roles/{_version}.snapshot.json", snapshot));
        files.Add(new RegistryFile("roles/timestamp.json", timestamp));
        await place.WriteFilesAsync(files, CancellationToken.None);
    }

    /// <summary>Publishes a new version of the policy, after a change of <see cref="Policy"/> or <see cref="Rules"/>.</summary>
    public Task ChangePolicyAsync(IComponentRegistry place)
    {
        (_policy, _policyVersion) = (null, _policyVersion + 1);
        return SayAsync(place);
    }

    /// <summary>Appends a log entry signed by the owner.</summary>
    public void Submit(LogEntry entry) => Submit(entry.Sign(_owner).ToJson());

    /// <summary>Starts a second log with the same owners and keys, so that the history changes. A log must never do this.</summary>
    public void RewriteLog()
    {
        _log.Dispose();
        _logs++;
        _log = _open(LogOptions());
        _records.ForEach(Submit);
    }

    /// <summary>The id of the key that owns all namespaces.</summary>
    public string OwnerId => _owner.Key.Id;

    /// <summary>Rotates the keys of snapshot and timestamp with a new root.</summary>
    public void RotateOnlineKeys()
    {
        if (_roots.Count == 0)
        {
            _roots.Add(new RegistryFile("roles/1.root.json", RootFile));
        }

        (_snapshot, _timestamp) = (Signer(), Signer());
        Root = Root with { Version = Root.Version + 1, Snapshot = Keys(_snapshot), Timestamp = Keys(_timestamp) };
        _roots.Add(new RegistryFile($"roles/{Root.Version}.root.json", RootFile));
    }

    /// <summary>Skips version numbers, as an attacker with the keys does to use up the version numbers.</summary>
    public void Skip(int versions) => _version += versions;

    public void Dispose()
    {
        _log.Dispose();
        _logKey.Dispose();
        _signers.ForEach(signer => signer.Dispose());
        _folder.Dispose();
    }

    private TransparencyLogOptions LogOptions() =>
        new() { Directory = LogFolder, Origin = Name, Signers = [new NoteSigner(Name, NoteKeyKind.MlDsa87Cosignature, _logKey, _clock)] };

    private void Submit(byte[] entry)
    {
        Assert.Equal(LogEntryFault.None, _log.Submit(entry, out _, out string reason));
        Assert.Empty(reason);
    }

    private static RoleKeys Keys(DocumentSigner signer) => new([signer.Key], 1);

    private static (PublishedRelease Release, Package Package, byte[] Statement) Make(PublishedRelease release)
    {
        Package package = release.Package;
        ComponentManifest manifest = release.Manifest;
        PackageFacts facts = release.Signs(new PackageFacts
        {
            Name = manifest.Name.ToString(),
            Version = manifest.Version.ToString(),
            Category = ComponentCategories.NameOf(manifest.Category),
            Root256 = package.Identity.Root256,
            Root3 = package.Identity.Root3,
            ManifestSha256 = Convert.ToHexStringLower(SHA256.HashData(package.Manifest.Span)),
            Permissions = [.. manifest.Permissions.Select(permission => permission.ToString())],
            Dependencies = manifest.Dependencies.ToDictionary(need => need.Name.ToString(), need => need.Range.ToString()),
            Provides = manifest.ProvidedSchemas.ToArray(),
            Requires = [.. manifest.RequiredSchemas.Select(need => need.ToString())],
            License = manifest.License,
        });
        return (release, package, new ReleaseStatement { Package = facts }.ToPayload());
    }

    private RegistryPublication Publication(PublishedRelease release, Package package, byte[] bundle)
    {
        using MemoryStream stream = new();
        package.Write(stream);
        byte[] bytes = stream.ToArray();
        ComponentManifest manifest = release.Manifest;
        RegistryRelease said = new()
        {
            Name = manifest.Name,
            Version = manifest.Version,
            Category = ComponentCategories.NameOf(manifest.Category),
            Root256 = package.Identity.Root256,
            Dependencies =
                [.. manifest.Dependencies.Select(need => new RegistryRequirement(need.Name, need.Range)).OrderBy(need => need.Name)],
            Engines = [.. manifest.Engines.Select(need => new RegistryEngine(need.Engine, need.Range))
                .OrderBy(need => need.Name, StringComparer.Ordinal)],
            Provides = [.. manifest.ProvidedSchemas.Order(StringComparer.Ordinal)],
            Requires = [.. manifest.RequiredSchemas.Select(need => need.Schema).Order(StringComparer.Ordinal)],
            License = manifest.License,
            LicenseTier = new[] { "open-source", "source-available", "commercial" }[(int)manifest.LicenseTier],
            Description = manifest.Description,
            Published = Now,
            PackageBytes = bytes.Length,
            PackageSha256 = Convert.ToHexStringLower(SHA256.HashData(bytes)),
        };
        return new RegistryPublication(release.Says(said), bytes, bundle);
    }

    private BundleBuilder Checkpointed()
    {
        (SignedNote signed, byte[] snapshot, byte[] timestamp) = Sign(null);
        return new BundleBuilder(new LogClient(new DirectoryFileSource(LogFolder)), _log.Map, signed, snapshot, timestamp, Targets());
    }

    // Signs the policy only once, because each signature has other bytes.
    private byte[] Targets() => _policy ??= new TargetsDocument
    {
        Version = _policyVersion,
        Expires = Root.Expires,
        Categories = Policy,
        Rules = Rules,
    }.Sign(_targets).ToJson();

    private IEnumerable<RegistryFile> LogFiles() => Directory.EnumerateFiles(LogFolder, "*", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(LogFolder, file).Replace('\\', '/'))
        .Where(path => path == "checkpoint" || path.StartsWith("tile/", StringComparison.Ordinal))
        .Select(path => new RegistryFile("log/" + path, File.ReadAllBytes(Path.Combine(LogFolder, path))));

    private (SignedNote Checkpoint, byte[] Snapshot, byte[] Timestamp) Sign(DocumentReference? catalog)
    {
        SignedNote signed = _log.Sign();
        Assert.True(Checkpoint.TryParse(signed.Text, out Checkpoint? checkpoint, out _));
        _log.Publish();
        _version++;
        byte[] snapshot = new SnapshotDocument
        {
            Version = _version,
            Expires = Now.AddDays(7),
            Targets = new Dictionary<string, DocumentReference> { ["targets"] = DocumentReference.Of(_policyVersion, Targets()) },
            LogSize = checkpoint.Size,
            LogRoot = Convert.ToHexStringLower(checkpoint.Root),
            NamespaceRoot = Convert.ToHexStringLower(_log.Map.ComputeRoot()),
            Catalog = catalog,
        }.Sign(_snapshot).ToJson();
        byte[] timestamp = new TimestampDocument
        {
            Version = _version,
            Expires = Now.AddDays(1),
            Snapshot = DocumentReference.Of(_version, snapshot),
        }.Sign(_timestamp).ToJson();
        return (signed, snapshot, timestamp);
    }

    private DocumentSigner Signer()
    {
        DocumentSigner signer = DocumentSigner.Generate();
        _signers.Add(signer);
        return signer;
    }
}

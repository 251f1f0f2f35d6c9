using System.Security.Cryptography;
using System.Text;
using Estream.Core;
using Estream.Crypto;
using Estream.Esf.Schema;
using Estream.Marketplace;
using Estream.Marketplace.Files;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Bundles;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Log;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Releases;
using Estream.Marketplace.Trust.Roles;
using Estream.Marketplace.Workspaces;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Workloads;

/// <summary>A registry in a directory as publishers create it: components of a namespace, in a log with a witness, each with a bundle that
/// verifies.</summary>
internal sealed class SampleRegistry
{
    private const string Origin = "bench.example/log", Scope = "@bench";

    private static readonly SemanticVersion s_version = SemanticVersion.Parse("1.0.0");

    private readonly List<(RegistryRelease Release, Package Package)> _releases = [];
    private readonly DocumentSigner _owner = Signer(1), _snapshot = Signer(2), _timestamp = Signer(3), _targets = Signer(6);
    private readonly NoteSigner _log = new(Origin, NoteKeyKind.MlDsa87Cosignature, Key(4), SystemClock.Instance),
        _witness = new("bench.example/witness", NoteKeyKind.MlDsa87Cosignature, Key(5), SystemClock.Instance);
    private readonly DateTimeOffset _expires = DateTimeOffset.FromUnixTimeSeconds(SystemClock.Instance.UtcNanos / 1_000_000_000).AddDays(7);

    private SampleRegistry(string directory)
    {
        Registry = new DirectoryRegistry(Path.Combine(directory, "registry"));
        Trust = new BundleTrust(new LogPolicy(Origin, [_log.Key], [_witness.Key], 1), new RoleKeys([_snapshot.Key], 1),
            new RoleKeys([_timestamp.Key], 1), new RoleKeys([_targets.Key], 1));
    }

    public DirectoryRegistry Registry { get; }

    public BundleTrust Trust { get; }

    public IReadOnlyList<RegistryRelease> Releases => [.. _releases.Select(one => one.Release)];

    /// <summary>The lock of a workspace with all components.</summary>
    public WorkspaceLock Lock => new(
        _releases.Select(one => new ComponentRequirement(one.Release.Name, VersionRange.Parse("^1"))),
        _releases.Select((one, index) => new LockedComponent
        {
            Name = one.Release.Name, Version = one.Release.Version, Root256 = one.Release.Root256, LogIndex = index + 1,
            KeyId = _owner.Key.Id, Source = Registry.Location,
        }),
        new Dictionary<string, ComponentName>());

    /// <summary>Creates a registry with a number of components, each with a number of files.</summary>
    public static async Task<SampleRegistry> MakeAsync(string directory, int components, int files, int fileBytes)
    {
        SampleRegistry registry = new(directory);
        for (int number = 0; number < components; number++)
        {
            registry.Add(number, files, fileBytes);
        }

        await registry.PublishAsync(Path.Combine(directory, "log")).ConfigureAwait(false);
        return registry;
    }

    private static MlDsa87PrivateKey Key(byte seed) => MlDsa87PrivateKey.ImportSeed([.. Enumerable.Repeat(seed, MlDsa87.SeedBytes)]);

    private static DocumentSigner Signer(byte seed) => new(Key(seed));

    private void Add(int number, int files, int fileBytes)
    {
        // Random bytes, which do not compress, like images and programs.
        Random random = new(number);
        List<PackageFile> content = [new(PackagePath.Manifest, false, Encoding.UTF8.GetBytes($"[component]\n# {number}\n"))];
        for (int file = 0; file < files; file++)
        {
            byte[] bytes = new byte[fileBytes];
            random.NextBytes(bytes);
            content.Add(new PackageFile($"folder-{file % 4}/file-{file:000}", false, bytes));
        }

        Package package = Package.Of(content);
        byte[] packed = Bytes(package);
        _releases.Add((
            new RegistryRelease
            {
                Name = ComponentName.Parse($"{Scope}/component-{number:00}"), Version = s_version, Category = "wire-adapter",
                Root256 = package.Identity.Root256, License = "Apache-2.0",
                Published = _expires.AddDays(-30), PackageBytes = packed.Length,
                PackageSha256 = Convert.ToHexStringLower(SHA256.HashData(packed)),
            },
            package));
    }

    private async Task PublishAsync(string logDirectory)
    {
        using ComponentLog log = await ComponentLog.OpenAsync(new TransparencyLogOptions
        {
            Directory = logDirectory,
            Origin = Origin,
            Signers = [_log],
        }, CancellationToken.None).ConfigureAwait(false);
        NamespaceName scope = NamespaceName.Of(_releases[0].Release.Name);
        Submit(log, new NamespaceRecord(scope, 1, [_owner.Key], 1, _expires.AddYears(1)));
        List<byte[]> statements = [.. _releases.Select(one => Statement(one.Release, one.Package))];
        for (int i = 0; i < _releases.Count; i++)
        {
            RegistryRelease release = _releases[i].Release;
            Submit(log, new PublishEntry(release.Name, release.Version, release.Root256,
                Convert.ToHexStringLower(SHA256.HashData(statements[i]))));
        }

        BundleBuilder builder = Seal(log, logDirectory);
        for (int i = 0; i < _releases.Count; i++)
        {
            (RegistryRelease release, Package package) = _releases[i];
            byte[] envelope = DsseEnvelope.Sign(DocumentType.Release, statements[i], _owner).ToJson();
            ComponentBundle bundle = await builder.BuildAsync(release.Name, release.Version, envelope, null, CancellationToken.None)
                .ConfigureAwait(false)
                ?? throw new ScenarioException($"{release} is not in the log of the benchmark");
            await Registry.PublishAsync(new RegistryPublication(release, Bytes(package), bundle.Encode()), CancellationToken.None)
                .ConfigureAwait(false);
        }
    }

    // Publishes a checkpoint. Returns the builder of bundles, which contain the checkpoint and the evidence that it is current.
    private BundleBuilder Seal(ComponentLog log, string logDirectory)
    {
        SignedNote signed = log.Sign();
        if (!Checkpoint.TryParse(signed.Text, out Checkpoint? checkpoint, out _))
        {
            throw new ScenarioException("the benchmark's log did not sign a checkpoint");
        }

        SignedNote cosigned = signed.With([_witness.Sign(checkpoint)]);
        log.Publish();
        byte[] targets = new TargetsDocument
        {
            Version = 1,
            Expires = _expires,
            Categories = new Dictionary<string, CategoryPolicy> { ["wire-adapter"] = new(0, [], TrustTier.Community) },
        }.Sign(_targets).ToJson();
        byte[] snapshot = new SnapshotDocument
        {
            Version = 1,
            Expires = _expires,
            Targets = new Dictionary<string, DocumentReference> { ["targets"] = DocumentReference.Of(1, targets) },
            LogSize = checkpoint.Size,
            LogRoot = Convert.ToHexStringLower(checkpoint.Root),
            NamespaceRoot = Convert.ToHexStringLower(log.Map.ComputeRoot()),
        }.Sign(_snapshot).ToJson();
        byte[] timestamp = new TimestampDocument
        {
            Version = 1,
            Expires = _expires,
            Snapshot = DocumentReference.Of(1, snapshot),
        }.Sign(_timestamp).ToJson();
        return new BundleBuilder(new LogClient(new DirectoryFileSource(logDirectory)), log.Map, cosigned, snapshot, timestamp, targets);
    }

    private void Submit(ComponentLog log, LogEntry entry)
    {
        if (log.Submit(entry.Sign(_owner).ToJson(), out _, out string reason) != LogEntryFault.None)
        {
            throw new ScenarioException($"the benchmark's log rejected an entry: {reason}");
        }
    }

    private static byte[] Statement(RegistryRelease release, Package package) => new ReleaseStatement
    {
        Package = new PackageFacts
        {
            Name = release.Name.ToString(), Version = release.Version.ToString(), Category = release.Category,
            Root256 = package.Identity.Root256, Root3 = package.Identity.Root3,
            ManifestSha256 = Convert.ToHexStringLower(SHA256.HashData(package.Manifest.Span)), License = release.License,
        },
    }.ToPayload();

    private static byte[] Bytes(Package package)
    {
        using MemoryStream stream = new();
        package.Write(stream, PackageCompression.Deflate);
        return stream.ToArray();
    }
}

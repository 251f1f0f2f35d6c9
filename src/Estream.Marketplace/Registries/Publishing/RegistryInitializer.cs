using Estream.Core;
using Estream.Marketplace.Json;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Log;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Publishing;

/// <summary>Creates a registry: keys, a first root, a policy, and an empty log. Thread-safe.</summary>
public static class RegistryInitializer
{
    /// <summary>The lifetime of a root.</summary>
    internal static TimeSpan RootLifetime { get; } = TimeSpan.FromDays(365);

    /// <summary>The lifetime of a policy.</summary>
    internal static TimeSpan TargetsLifetime { get; } = TimeSpan.FromDays(90);

    /// <summary>Creates a registry in an empty or missing folder.</summary>
    /// <param name="folder">The folder; a web server serves its <c>public</c> subfolder.</param>
    /// <param name="name">The permanent name, such as <c>components.example.org/main</c>; also the origin of the log.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="cancellation">Cancels the call. The folder is then not a registry and can be deleted.</param>
    /// <returns>The envelope of the first root, which clients start their trust with.</returns>
    /// <exception cref="ArgumentException">The name is not valid.</exception>
    /// <exception cref="EstreamStorageException">The folder is not empty, or the storage reports an error.</exception>
    public static async Task<ReadOnlyMemory<byte>> CreateAsync(string folder, string name, IClock clock, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(clock);
        if (!Checkpoint.IsOrigin(name))
        {
            throw new ArgumentException($"'{name}' is not a registry name. Use a host and a path, such as components.example.org/main.",
                nameof(name));
        }

        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw new EstreamStorageException(
                $"The folder '{folder}' is not empty. Choose an empty or new folder for the registry.", folder,
                StorageFailure.Other);
        }

        OperatorKeys.Create(folder);
        string served = RegistryOperator.PublicFolder(folder);
        using DocumentSigner root = OperatorKeys.Load(folder, OperatorKeys.Root), targets = OperatorKeys.Load(folder, OperatorKeys.Targets);
        using RegistryKeys online = RegistryKeys.Load(folder, name, clock);
        using ComponentLog log = await ComponentLog.OpenAsync(online.LogOptions(served), cancellation).ConfigureAwait(false);
        SignedNote checkpoint = log.Sign();
        log.Publish();
        DateTimeOffset now = JsonTime.Now(clock);
        RootDocument document = new()
        {
            Version = 1,
            Expires = now + RootLifetime,
            Registry = name,
            Root = new RoleKeys([root.Key], 1),
            Targets = new RoleKeys([targets.Key], 1),
            Snapshot = new RoleKeys([online.Snapshot.Key], 1),
            Timestamp = new RoleKeys([online.Timestamp.Key], 1),
            LogKeys = new RoleKeys([online.Log.Key], 1),
        };
        RoleDirectory roles = new(RegistryOperator.RolesFolder(served), clock);
        RoleFault? fault = await roles.PublishAsync(
            online.Publication(checkpoint, log.Map) with
            {
                Roots = [document.Sign(root)],
                Targets = [Policy(now).Sign(targets)],
                Catalog = await new CatalogFolder(served).WriteAsync(log.Map, cancellation).ConfigureAwait(false),
            }, cancellation).ConfigureAwait(false);
        return fault is null
            ? roles.FirstRoot()
            : throw new EstreamCorruptionException(
                $"Clients would not trust the new registry: {fault}. Delete '{folder}' and report this as a bug.",
                folder);
    }

    // The initial policy: the owner of a namespace may publish anything in it, and nothing is reviewed. Operators replace it by their own.
    private static TargetsDocument Policy(DateTimeOffset now) => new()
    {
        Version = 1,
        Expires = now + TargetsLifetime,
        Categories = ComponentCategories.Names.ToDictionary(category => category, _ => new CategoryPolicy(0, [], TrustTier.Community),
            StringComparer.Ordinal),
        Rules = [new TierRule(ComponentPattern.Parse("*"), TrustTier.Community)],
    };
}

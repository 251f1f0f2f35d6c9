using Estream.Core;
using Estream.Marketplace.Json;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Log;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Publishing;

/// <summary>Begins a registry: keys, a first root, a policy, and an empty log. Thread-safe.</summary>
public static class RegistryInitializer
{
    /// <summary>How long a root counts.</summary>
    internal static TimeSpan RootLifetime { get; } = TimeSpan.FromDays(365);

    /// <summary>How long a policy counts.</summary>
    internal static TimeSpan TargetsLifetime { get; } = TimeSpan.FromDays(90);

    /// <summary>Makes a registry in a folder that is empty or not there.</summary>
    /// <param name="folder">The folder; its <c>public</c> part is what a web server serves.</param>
    /// <param name="name">What it is called, for good: such as <c>components.example.org/main</c>. Its log has this origin.</param>
    /// <param name="clock">The time.</param>
    /// <param name="cancellation">Ends it; what is there then is no registry, and can be removed.</param>
    /// <returns>The envelope of the first root, which whoever trusts the registry begins with.</returns>
    /// <exception cref="ArgumentException">It is no name of a registry.</exception>
    /// <exception cref="EstreamStorageException">The folder has something in it, or the storage refused.</exception>
    public static async Task<ReadOnlyMemory<byte>> CreateAsync(string folder, string name, IClock clock, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(clock);
        if (!Checkpoint.IsOrigin(name))
        {
            throw new ArgumentException($"'{name}' is no name of a registry. Write a host and a path, such as components.example.org/main.",
                nameof(name));
        }

        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw new EstreamStorageException(
                $"The folder '{folder}' has something in it, and a registry begins in an empty one. Choose another.", folder,
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
                $"A client would not believe the registry that was made: {fault}. Remove '{folder}' and tell who made this program.",
                folder);
    }

    // Everything may be published by who owns its namespace, and nothing of it was reviewed. Whoever runs the registry says more by a
    // policy of their own.
    private static TargetsDocument Policy(DateTimeOffset now) => new()
    {
        Version = 1,
        Expires = now + TargetsLifetime,
        Categories = ComponentCategories.Names.ToDictionary(category => category, _ => new CategoryPolicy(0, [], TrustTier.Community),
            StringComparer.Ordinal),
        Rules = [new TierRule(ComponentPattern.Parse("*"), TrustTier.Community)],
    };
}

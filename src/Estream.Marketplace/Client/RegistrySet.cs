using System.Security.Cryptography;
using System.Text;
using Estream.Core;
using Estream.Marketplace.Files;
using Estream.Marketplace.Json;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Bundles;
using Estream.Marketplace.Trust.Roles;
using Estream.Marketplace.Workspaces;

namespace Estream.Marketplace.Client;

/// <summary>
/// The registries of a workspace, each with its trust root. A registry without a trust root is refused before it is accessed. Immutable; as
/// thread-safe as its registries.
/// </summary>
public sealed class RegistrySet : IDisposable
{
    private readonly RegistryMap _map;
    private readonly Dictionary<IComponentRegistry, TrustedRegistry> _trusted;

    /// <summary>Creates a set of open registries. Disposing the set disposes them.</summary>
    /// <param name="scopes">Scopes with their <c>@</c>, and their registries; an empty string stands for components without a
    /// scope.</param>
    /// <param name="others">The registry of all other scopes, or <see langword="null"/>.</param>
    /// <exception cref="EstreamRegistryException">A scope has two registries or is not valid, or a registry has two trust
    /// roots.</exception>
    public RegistrySet(IEnumerable<KeyValuePair<string, TrustedRegistry>> scopes, TrustedRegistry? others)
    {
        ArgumentNullException.ThrowIfNull(scopes);
        KeyValuePair<string, TrustedRegistry>[] all = [.. scopes];
        TrustedRegistry[] registries = [.. all.Select(one => one.Value).Append(others).OfType<TrustedRegistry>().Distinct()];
        if (registries.GroupBy(registry => registry.Place).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw new EstreamRegistryException(RegistryFault.Configuration,
                $"The registry {twice.Key.Location} has two trust roots. Use the same trust root for all of its scopes.",
                    twice.Key.Location);
        }

        _map = new RegistryMap(all.Select(one => KeyValuePair.Create(one.Key, one.Value.Place)), others?.Place);
        _trusted = registries.ToDictionary(registry => registry.Place);
    }

    /// <summary>The distinct registries.</summary>
    public IReadOnlyList<TrustedRegistry> Registries => [.. _map.Registries.Select(place => _trusted[place])];

    /// <summary>Opens the registries that a workspace names. Reads their trust roots; does not access the registries themselves.</summary>
    /// <param name="manifest">The manifest of the workspace.</param>
    /// <param name="folder">The folder of the workspace, which relative paths start from.</param>
    /// <param name="cacheFolder">The folder for data fetched with Git and, below <c>trust</c>, for the trusted state of each
    /// registry.</param>
    /// <param name="clock">The clock for the expiry of trust roots.</param>
    /// <param name="storage">The storage of the trust roots; null for the file system of this machine.</param>
    /// <param name="credentials">This user's credentials for web servers; null for anonymous access.</param>
    /// <exception cref="EstreamRegistryException">An address is not valid, or a registry has no trust root or an expired one
    /// (<see cref="RegistryFault.Configuration"/>).</exception>
    public static RegistrySet Open(WorkspaceManifest manifest, string folder, string cacheFolder, IClock clock, IStorage? storage = null,
        RegistryCredentials? credentials = null)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(clock);
        if (manifest.TrustRoots.Keys.FirstOrDefault(scope => !manifest.Registries.ContainsKey(scope)) is string orphan)
        {
            throw Wrong(
                $"[trust] has a root for {Key(orphan)}, but [registries] has no registry for it. Add the registry, or remove the root.",
                null);
        }

        Dictionary<(string Address, string Root), TrustedRegistry> open = [];
        try
        {
            foreach ((string scope, string address) in manifest.Registries)
            {
                string root = manifest.TrustRoots.GetValueOrDefault(scope) ?? throw NotPinned(scope, address);
                if (!open.ContainsKey((address, root)))
                {
                    open.Add((address, root), OpenOne(address, root, folder, cacheFolder, clock, storage, credentials));
                }
            }

            if (open.Keys.GroupBy(key => key.Address).FirstOrDefault(same => same.Count() > 1) is { } twice)
            {
                throw Wrong(
                    $"The registry {twice.Key} has two trust roots, {string.Join(" and ", twice.Select(key => key.Root))}. Use the same "
                    + "trust root for all of its scopes.", twice.Key);
            }

            TrustedRegistry Of(KeyValuePair<string, string> one) => open[(one.Value, manifest.TrustRoots[one.Key])];
            return new RegistrySet(
                manifest.Registries.Where(one => one.Key != "*").Select(one => KeyValuePair.Create(one.Key, Of(one))),
                manifest.Registries.Where(one => one.Key == "*").Select(Of).FirstOrDefault());
        }
        catch
        {
            Close(open.Values);
            throw;
        }
    }

    /// <summary>Opens a registry by its address and its trust root, for use without a workspace. Reads the trust root; does not access the
    /// registry itself. The caller disposes <see cref="TrustedRegistry.Place"/> if it is disposable.</summary>
    /// <param name="address">The address of the registry (<see cref="RegistryAddress"/>).</param>
    /// <param name="root">The file with its trust root.</param>
    /// <param name="folder">The folder that relative paths start from.</param>
    /// <param name="cacheFolder">As for <see cref="Open"/>.</param>
    /// <param name="clock">The clock for the expiry of the trust root.</param>
    /// <param name="storage">The storage of the trust root; null for the file system of this machine.</param>
    /// <param name="credentials">This user's credentials for web servers; null for anonymous access.</param>
    /// <exception cref="EstreamRegistryException">As for <see cref="Open"/>.</exception>
    public static TrustedRegistry OpenOne(string address, string root, string folder, string cacheFolder, IClock clock,
        IStorage? storage = null, RegistryCredentials? credentials = null)
    {
        ArgumentNullException.ThrowIfNull(root);
        TrustAnchor anchor = ReadRoot(Path.Combine(folder, root), address, clock, storage ?? FileStorage.Instance);
        return new TrustedRegistry(RegistryAddress.Open(address, folder, cacheFolder, credentials), anchor,
            StoreOf(anchor.Root.Registry, cacheFolder, storage));
    }

    /// <summary>Reads the trust root of a registry.</summary>
    /// <param name="path">The file.</param>
    /// <param name="registry">The registry, as error messages name it.</param>
    /// <param name="clock">The clock for the expiry of the trust root.</param>
    /// <param name="storage">The storage of the file.</param>
    /// <exception cref="EstreamRegistryException">The file is missing, is not a trust root, names no log or has expired.</exception>
    public static TrustAnchor ReadRoot(string path, string registry, IClock clock, IStorage storage)
    {
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentNullException.ThrowIfNull(storage);
        byte[] bytes = AtomicFile.Read(storage, path, RoleLimits.MaxRootBytes)
            ?? throw Wrong(
                $"The trust root '{path}' of the registry {registry} does not exist. Get it from the operator of the registry, through "
                + "a channel other than the registry.", path);
        try
        {
            TrustAnchor anchor = new(bytes);

            // Throws for a root without a log, which cannot verify anything.
            _ = BundleTrust.Of(anchor.Root);
            DateTimeOffset now = JsonTime.Now(clock);
            return anchor.Root.Expires > now
                ? anchor
                : throw Wrong(
                    $"The trust root '{path}' of the registry {registry} expired at {JsonTime.Write(anchor.Root.Expires)}, and it is "
                    + $"{JsonTime.Write(now)}. Get a new one from the operator of the registry, and check the clock of this machine.",
                    path);
        }
        catch (ArgumentException wrong)
        {
            throw Wrong($"The file '{path}' is not a trust root of the registry {registry}: {wrong.Message.Split(" (Parameter", 2)[0]}",
                path, wrong);
        }
    }

    /// <summary>Returns the registry of a component.</summary>
    /// <param name="name">The component.</param>
    /// <exception cref="EstreamRegistryException">No registry is configured for its scope
    /// (<see cref="RegistryFault.Configuration"/>).</exception>
    public TrustedRegistry For(ComponentName name) => _trusted[_map.For(name)];

    /// <summary>Returns the registry of a component, or null if none is configured for its scope.</summary>
    /// <param name="name">The component.</param>
    public TrustedRegistry? Find(ComponentName name) => _map.Find(name) is { } place ? _trusted[place] : null;

    /// <summary>Disposes the registries.</summary>
    public void Dispose() => Close(_trusted.Values);

    // The trusted state is stored under the name of the registry, not under an address. A mirror therefore cannot serve metadata older than
    // the metadata that another mirror served.
    private static TrustStore StoreOf(string registry, string cacheFolder, IStorage? storage) =>
        new(Path.Combine(cacheFolder, "trust", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(registry)))), storage);

    private static void Close(IEnumerable<TrustedRegistry> registries)
    {
        foreach (TrustedRegistry registry in registries)
        {
            (registry.Place as IDisposable)?.Dispose();
        }
    }

    private static EstreamRegistryException NotPinned(string scope, string address) => Wrong(
        $"The registry {address} has no trust root and is not used. Get its trust root from the operator of the registry, through "
        + $"a channel other than the registry. Put the file next to {WorkspaceManifest.FileName} and add there: [trust] {Key(scope)} = "
        + "\"FILE\"", address);

    private static string Key(string scope) => scope.Length == 0 ? "default" : $"\"{scope}\"";

    private static EstreamRegistryException Wrong(string message, string? path, Exception? cause = null) =>
        new(RegistryFault.Configuration, message, path, cause);
}

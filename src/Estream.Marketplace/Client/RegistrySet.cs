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
/// The registries of a workspace, each with the root that trust in it begins with. One without a root is refused before anything is asked
/// of it. Immutable, and thread-safe as its registries are.
/// </summary>
public sealed class RegistrySet : IDisposable
{
    private readonly RegistryMap _map;
    private readonly Dictionary<IComponentRegistry, TrustedRegistry> _trusted;

    /// <summary>Registries that are open already. They are closed with the set.</summary>
    /// <param name="scopes">Scopes with their <c>@</c>, and their registries; an empty text stands for components without a scope.</param>
    /// <param name="others">Where all other scopes come from, or <see langword="null"/>.</param>
    /// <exception cref="EstreamRegistryException">A scope has two registries, or is none, or a place has two roots.</exception>
    public RegistrySet(IEnumerable<KeyValuePair<string, TrustedRegistry>> scopes, TrustedRegistry? others)
    {
        ArgumentNullException.ThrowIfNull(scopes);
        KeyValuePair<string, TrustedRegistry>[] all = [.. scopes];
        TrustedRegistry[] registries = [.. all.Select(one => one.Value).Append(others).OfType<TrustedRegistry>().Distinct()];
        if (registries.GroupBy(registry => registry.Place).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw new EstreamRegistryException(RegistryFault.Configuration,
                $"The registry {twice.Key.Location} has two roots. Name one for all scopes that come from it.", twice.Key.Location);
        }

        _map = new RegistryMap(all.Select(one => KeyValuePair.Create(one.Key, one.Value.Place)), others?.Place);
        _trusted = registries.ToDictionary(registry => registry.Place);
    }

    /// <summary>All registries, each once.</summary>
    public IReadOnlyList<TrustedRegistry> Registries => [.. _map.Registries.Select(place => _trusted[place])];

    /// <summary>The registries that a workspace names. Reads their roots; nothing is asked of the registries themselves.</summary>
    /// <param name="manifest">What the workspace says.</param>
    /// <param name="folder">The workspace's folder, where paths begin.</param>
    /// <param name="cacheFolder">Where what is fetched with Git is kept, and below <c>trust</c> what was believed of each registry.</param>
    /// <param name="clock">Tells whether a root still counts.</param>
    /// <param name="storage">Where the roots lie; this machine where null.</param>
    /// <param name="credentials">Who this user is at web servers; nobody where null.</param>
    /// <exception cref="EstreamRegistryException">An address is none, or a registry has no root to begin with, or one whose time has run
    /// out (<see cref="RegistryFault.Configuration"/>).</exception>
    public static RegistrySet Open(WorkspaceManifest manifest, string folder, string cacheFolder, IClock clock, IStorage? storage = null,
        RegistryCredentials? credentials = null)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(clock);
        if (manifest.TrustRoots.Keys.FirstOrDefault(scope => !manifest.Registries.ContainsKey(scope)) is string orphan)
        {
            throw Wrong($"[trust] has a root for {Key(orphan)}, for which [registries] has no registry. Name one, or remove the root.",
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
                    $"The registry {twice.Key} has two roots, {string.Join(" and ", twice.Select(key => key.Root))}. Name one for all "
                    + "scopes that come from it.", twice.Key);
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

    /// <summary>A registry by its address and its root, for who has no workspace. Reads the root; nothing is asked of the registry itself.
    /// Who gets it closes its place, where that can be closed.</summary>
    /// <param name="address">The registry (<see cref="RegistryAddress"/>).</param>
    /// <param name="root">The file with its root.</param>
    /// <param name="folder">Where paths begin.</param>
    /// <param name="cacheFolder">As of <see cref="Open"/>.</param>
    /// <param name="clock">Tells whether the root still counts.</param>
    /// <param name="storage">Where the root lies; this machine where null.</param>
    /// <param name="credentials">Who this user is at web servers; nobody where null.</param>
    /// <exception cref="EstreamRegistryException">As of <see cref="Open"/>.</exception>
    public static TrustedRegistry OpenOne(string address, string root, string folder, string cacheFolder, IClock clock,
        IStorage? storage = null, RegistryCredentials? credentials = null)
    {
        ArgumentNullException.ThrowIfNull(root);
        TrustAnchor anchor = ReadRoot(Path.Combine(folder, root), address, clock, storage ?? FileStorage.Instance);
        return new TrustedRegistry(RegistryAddress.Open(address, folder, cacheFolder, credentials), anchor,
            StoreOf(anchor.Root.Registry, cacheFolder, storage));
    }

    /// <summary>Reads the root that trust in a registry begins with.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="registry">Which registry it is for, as messages say it.</param>
    /// <param name="clock">Tells whether it still counts.</param>
    /// <param name="storage">Where it lies.</param>
    /// <exception cref="EstreamRegistryException">There is none, it is none, it names no log, or its time has run out.</exception>
    public static TrustAnchor ReadRoot(string path, string registry, IClock clock, IStorage storage)
    {
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentNullException.ThrowIfNull(storage);
        byte[] bytes = AtomicFile.Read(storage, path, RoleLimits.MaxRootBytes)
            ?? throw Wrong(
                $"The root '{path}' of the registry {registry} is not there. Get it from who keeps the registry, by another way than the "
                + "registry.", path);
        try
        {
            TrustAnchor anchor = new(bytes);

            // A root without a log is one that nothing can be verified with.
            _ = BundleTrust.Of(anchor.Root);
            DateTimeOffset now = JsonTime.Now(clock);
            return anchor.Root.Expires > now
                ? anchor
                : throw Wrong(
                    $"The root '{path}' of the registry {registry} counted until {JsonTime.Write(anchor.Root.Expires)}, and it is "
                    + $"{JsonTime.Write(now)}. Get a new one from who keeps the registry, and check the clock of this machine.", path);
        }
        catch (ArgumentException wrong)
        {
            throw Wrong($"The file '{path}' is no root of the registry {registry}: {wrong.Message.Split(" (Parameter", 2)[0]}", path,
                wrong);
        }
    }

    /// <summary>The registry of a component.</summary>
    /// <param name="name">The component.</param>
    /// <exception cref="EstreamRegistryException">None is named for its scope (<see cref="RegistryFault.Configuration"/>).</exception>
    public TrustedRegistry For(ComponentName name) => _trusted[_map.For(name)];

    /// <summary>The registry of a component, or null where none is named for its scope.</summary>
    /// <param name="name">The component.</param>
    public TrustedRegistry? Find(ComponentName name) => _map.Find(name) is { } place ? _trusted[place] : null;

    /// <summary>Closes the registries.</summary>
    public void Dispose() => Close(_trusted.Values);

    // By the name of the registry: whatever mirror it is read from, nothing older is taken.
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
        $"The registry {address} has no root to begin trust with, and nothing is taken from it. Get its root from who keeps it, by "
        + $"another way than the registry; put it beside {WorkspaceManifest.FileName}, and write there: [trust] {Key(scope)} = "
        + "\"FILE\"", address);

    private static string Key(string scope) => scope.Length == 0 ? "default" : $"\"{scope}\"";

    private static EstreamRegistryException Wrong(string message, string? path, Exception? cause = null) =>
        new(RegistryFault.Configuration, message, path, cause);
}

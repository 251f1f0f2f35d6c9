using System.Security.Cryptography;
using Estream.Core;
using Estream.Esf.Schema;
using Estream.Host.Configuration;
using Estream.Host.Runtime;
using Estream.Marketplace;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Workspaces;
using Estream.Wire;

namespace Estream.Host.Components;

/// <summary>
/// The components of this host: the lock of a workspace names them, the cache contains their files. A component is loaded only if its files
/// match the lock byte for byte, it requests no more permissions than were approved at installation, and it is not revoked. Thread-safe;
/// each call reads the lock file again.
/// </summary>
/// <param name="Workspace">The folder with the lock.</param>
/// <param name="Cache">The cache folder.</param>
internal sealed record ComponentWorkspace(string Workspace, string Cache)
{
    /// <summary>The file that lists revoked components; null for none. See <see cref="RevokedComponents"/>.</summary>
    public string? RevokedFile { get; init; }

    /// <summary>The default of <see cref="WidgetBytes"/>: 64 MiB.</summary>
    public const long DefaultWidgetBytes = 64L << 20;

    /// <summary>The maximum number of bytes of widgets in memory.</summary>
    public long WidgetBytes { get; init; } = DefaultWidgetBytes;

    private readonly WorkspaceFolder _workspace = new(Workspace);
    private readonly ComponentCache _cache = new(Cache);

    /// <summary>Reads the files of an adapter and verifies them against the lock. Reads all files of the component, and keeps its
    /// assemblies in memory.</summary>
    /// <param name="name">The component.</param>
    /// <param name="key">The setting that names the component, for error messages.</param>
    /// <exception cref="WireConfigurationException">The component is not installed, its files differ from the lock, a permission is not
    /// approved, or it is not a wire adapter for this host.</exception>
    /// <exception cref="Core.EstreamException">The lock is damaged, or a file cannot be read.</exception>
    public InstalledAdapter Read(ComponentName name, string key)
    {
        (LockedComponent locked, ComponentManifest manifest, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files) =
            ReadFiles(Find(name, key), key, IsKept);
        AdapterDetails adapter = manifest.Details as AdapterDetails
            ?? throw Refuse(key, $"{locked} is not a wire adapter. Name a component of the category wire-adapter.");
        string beside = adapter.Assembly[..(adapter.Assembly.LastIndexOf('/') + 1)];
        return new InstalledAdapter(locked, manifest, adapter, files
            .Where(file => IsAssembly(file.Key) && file.Key[..(file.Key.LastIndexOf('/') + 1)] == beside)
            .ToDictionary(file => Path.GetFileNameWithoutExtension(file.Key), file => file.Value, StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>Reads the files of an integration, verifies them against the lock, and requires the license tier of the
    /// component.</summary>
    /// <param name="name">The component.</param>
    /// <param name="key">The setting that names the component, for error messages.</param>
    /// <exception cref="WireConfigurationException">The component is not installed, its files differ from the lock, the workspace does not
    /// have its license tier, or it is not an integration.</exception>
    /// <exception cref="Core.EstreamException">The lock is damaged, or a file cannot be read.</exception>
    public InstalledIntegration ReadIntegration(ComponentName name, string key)
    {
        InstalledFiles content = ReadContent(name, key);
        (LockedComponent locked, ComponentManifest manifest) = (content.Locked, content.Manifest);
        IntegrationDetails integration = manifest.Details as IntegrationDetails
            ?? throw Refuse(key, $"{locked} is not an integration. Name a component of the category integration.");
        LicenseTier tier = ReadLicenseTier(key);
        return manifest.LicenseTier <= tier
            ? new InstalledIntegration(content, integration)
            : throw Refuse(key,
                $"{locked} requires a license of the tier {NameOf(manifest.LicenseTier)}, and the workspace '{Workspace}' has "
                + $"{NameOf(tier)}. If you have the license, set [license] tier in {WorkspaceManifest.FileName}; if it has ended, name an "
                + "edition of a lower tier.");
    }

    /// <summary>Reads the files of a circuit and verifies them against the lock.</summary>
    /// <param name="name">The component.</param>
    /// <param name="key">The setting that names the component, for error messages.</param>
    /// <exception cref="WireConfigurationException">The component is not installed, its files differ from the lock, a permission is not
    /// approved, or it is not a circuit for this host.</exception>
    /// <exception cref="Core.EstreamException">The lock is damaged, or a file cannot be read.</exception>
    public InstalledCircuit ReadCircuit(ComponentName name, string key)
    {
        InstalledFiles content = ReadContent(name, key);
        CircuitDetails circuit = content.Manifest.Details as CircuitDetails
            ?? throw Refuse(key, $"{content.Locked} is not a circuit. Name a component of the category smart-circuit.");
        return circuit.Targets.Contains("cpu")
            ? new InstalledCircuit(content, circuit.Entry)
            : throw Refuse(key, $"{content.Locked} has the targets {string.Join(", ", circuit.Targets)}, but a host runs circuits on its "
                + "processor. Name a circuit with the target cpu.");
    }

    /// <summary>Reads the schema files of all installed schema packs, and of other components, and verifies them against the
    /// lock.</summary>
    /// <param name="others">The other components.</param>
    /// <param name="key">The setting for error messages.</param>
    /// <returns>The components by name; none if nothing is installed.</returns>
    /// <exception cref="WireConfigurationException">The files of a component differ from the lock, or the component is
    /// revoked.</exception>
    /// <exception cref="Core.EstreamException">The lock is damaged, or a file cannot be read.</exception>
    public IEnumerable<InstalledFiles> ReadSchemas(IEnumerable<ComponentName> others, string key) =>
        (_workspace.ReadLock()?.Components ?? [])
            .Where(component => IsPack(component) || others.Contains(component.Name))
            .Select(component => ReadContent(component.Name, key));

    /// <summary>Lists the installed components and their categories, without a check of their files. The category is empty if the
    /// manifest is missing or invalid.</summary>
    /// <exception cref="Core.EstreamException">The lock is damaged, or a file cannot be read.</exception>
    public IReadOnlyList<(LockedComponent Locked, string Kind)> List() =>
        [.. (_workspace.ReadLock()?.Components ?? []).Select(component =>
            (component, CategoryOf(component) is { } category ? ComponentCategories.NameOf(category) : ""))];

    // Only selects what to read and verify, so the unverified manifest suffices.
    private bool IsPack(LockedComponent component) => CategoryOf(component) == ComponentCategory.EsfSchema;

    private ComponentCategory? CategoryOf(LockedComponent component)
    {
        FileInfo manifest = new(Path.Combine(_cache.FolderOf(component.Root256), ComponentManifest.FileName));
        return manifest.Exists && manifest.Length <= ManifestLimits.MaxBytes && FileKinds.Of(manifest.FullName) == FileKind.Regular
            ? ManifestReader.Read(File.ReadAllBytes(manifest.FullName)).Manifest?.Category
            : null;
    }

    /// <summary>Reads files of a component and verifies all of its files against the lock.</summary>
    /// <param name="locked">The component.</param>
    /// <param name="key">The setting for error messages.</param>
    /// <param name="isKept">Selects the files that are kept in memory; the manifest must be one of them.</param>
    /// <exception cref="WireConfigurationException">The files differ from the lock, a permission is not approved, the component is revoked
    /// or requires another host.</exception>
    /// <exception cref="Core.EstreamException">A file cannot be read.</exception>
    public InstalledFiles Read(LockedComponent locked, string key, Func<string, bool> isKept)
    {
        (_, ComponentManifest manifest, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files) = ReadFiles(locked, key, isKept);
        return new InstalledFiles(locked, manifest, _cache.FolderOf(locked.Root256), files);
    }

    /// <summary>Reads a file in the cache without a check; null if it does not exist, is too long or cannot be read.</summary>
    public byte[]? Peek(LockedComponent locked, string path, int maxBytes)
    {
        try
        {
            FileInfo file = new(Path.Combine(_cache.FolderOf(locked.Root256), path));
            return file.Exists && file.Length <= maxBytes && FileKinds.Of(file.FullName) == FileKind.Regular
                ? File.ReadAllBytes(file.FullName)
                : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or EstreamStorageException)
        {
            return null;
        }
    }

    /// <summary>Returns a text that changes with the content of the lock and of the list of revoked components. Never throws.</summary>
    public string StampOfLists() => $"{StampOf(_workspace.LockPath, WorkspaceLock.MaxBytes)} "
        + (RevokedFile is { } revoked ? StampOf(revoked, RevokedComponents.MaxBytes) : "");

    /// <summary>Returns a number that changes with the names, sizes, times and modes of the files of a component. Never throws.</summary>
    public int StampOfFiles(string root256)
    {
        const int MaxEntries = 10_000;
        EnumerationOptions options = new() { RecurseSubdirectories = true, MaxRecursionDepth = 32, AttributesToSkip = 0 };
        try
        {
            // The order of a folder is not defined, so the stamp does not depend on the order.
            return new DirectoryInfo(_cache.FolderOf(root256)).EnumerateFileSystemInfos("*", options).Take(MaxEntries).Aggregate(0,
                (stamp, entry) => stamp ^ HashCode.Combine(entry.FullName, entry.LastWriteTimeUtc, (entry as FileInfo)?.Length,
                    OperatingSystem.IsWindows() ? default : entry.UnixFileMode));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    private static string StampOf(string path, long maxBytes)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return file.Length <= maxBytes ? Convert.ToHexStringLower(SHA256.HashData(file)) : $"{file.Length}";
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return failure.GetType().Name;
        }
    }

    private InstalledFiles ReadContent(ComponentName name, string key) => Read(Find(name, key), key, InstalledFiles.IsKept);

    private (LockedComponent Locked, ComponentManifest Manifest, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Files) ReadFiles(
        LockedComponent locked, string key, Func<string, bool> isKept)
    {
        if (RevokedFile is { } revoked)
        {
            RevokedComponents.RequireNot(revoked, locked, key);
        }

        string folder = _cache.FolderOf(locked.Root256);
        PackageFolderResult found = PackageFolder.Read(folder, isKept, out IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files);
        if (found.Identity?.Root256 != locked.Root256)
        {
            throw Refuse(key, found.Identity is { } other
                ? $"the files of {locked} have changed since the installation: those in '{folder}' have the root {other.Root256}, but "
                    + $"{WorkspaceLock.FileName} has {locked.Root256}. None of them was loaded. Delete the folder and install again."
                : $"{locked} is incomplete in the cache, and none of its files was loaded: {folder}/{found.Problems[0]} Delete the folder "
                    + "if it exists, and install again.");
        }

        ComponentManifest manifest = ReadManifest(files[ComponentManifest.FileName], locked, key);
        CheckPermissions(manifest, locked, key);
        CheckEngines(manifest, locked, key);
        return (locked, manifest, files);
    }

    /// <summary>The highest license tier that the workspace may use; the lowest if the workspace has no manifest.</summary>
    private LicenseTier ReadLicenseTier(string key)
    {
        string path = Path.Combine(Workspace, WorkspaceManifest.FileName);
        FileInfo file = new(path);
        if (!file.Exists)
        {
            return LicenseTier.OpenSource;
        }

        if (file.Length > WorkspaceManifest.MaxBytes)
        {
            throw Refuse(key, $"'{path}' is longer than {WorkspaceManifest.MaxBytes} bytes.");
        }

        WorkspaceReadResult read = WorkspaceManifest.Read(File.ReadAllBytes(path));
        return read.Manifest?.Policy.LicenseTier ?? throw Refuse(key, $"'{path}' is not valid: {read.Errors[0]}");
    }

    private static string NameOf(LicenseTier tier) => tier switch
    {
        LicenseTier.OpenSource => "open-source",
        LicenseTier.SourceAvailable => "source-available",
        _ => "commercial",
    };

    private static bool IsKept(string path) => path == ComponentManifest.FileName || IsAssembly(path);

    private static bool IsAssembly(string path) => path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase);

    private LockedComponent Find(ComponentName name, string key)
    {
        WorkspaceLock installed = _workspace.ReadLock()
            ?? throw Refuse(key,
                $"there is no '{_workspace.LockPath}', so no components are installed. Install {name} in that workspace, or set "
                + "Estream:Components:Workspace to another workspace folder.");
        return installed.Find(name)
            ?? throw Refuse(key,
                $"{name} is not installed in the workspace "
                + $"'{Workspace}'.{Suggestion.For(name.ToString(), installed.Components.Select(component => component.Name.ToString()))} "
                + $"Install it there: estream marketplace install {name}.");
    }

    private static ComponentManifest ReadManifest(ReadOnlyMemory<byte> bytes, LockedComponent locked, string key)
    {
        ManifestReadResult read = ManifestReader.Read(bytes.Span);
        if (read.Manifest is not { } manifest)
        {
            throw Refuse(key, $"the manifest of {locked} is not valid: {read.Diagnostics[0]}");
        }

        return manifest.Name == locked.Name && manifest.Version == locked.Version
            ? manifest
            : throw Refuse(key, $"the files of {locked} are those of {manifest}. The lock was not written by an installation; install "
                + "again.");
    }

    private static void CheckPermissions(ComponentManifest manifest, LockedComponent locked, string key)
    {
        string[] missing =
            [.. manifest.Permissions.Select(permission => permission.ToString()).Except(locked.Permissions, StringComparer.Ordinal)];
        if (missing.Length > 0)
        {
            throw Refuse(key,
                $"{locked} requires the permissions {string.Join(", ", missing)}, which are not approved in {WorkspaceLock.FileName}. "
                + "Install it again and approve them.");
        }
    }

    // The host, its console and the SDKs are parts of one release and have its version.
    private static void CheckEngines(ComponentManifest manifest, LockedComponent locked, string key)
    {
        if (!SemanticVersion.TryParse(HostVersion.Text, out SemanticVersion? own, out _))
        {
            return;
        }

        foreach (EngineRequirement engine in manifest.Engines.Where(engine => !engine.Range.Contains(own)))
        {
            throw Refuse(key, engine.Engine == "host"
                ? $"{locked} requires a host {engine.Range}, and this host is {own}. Install another version of the component or the host."
                : $"{locked} requires the engine {engine.Engine} {engine.Range}, and this host has {engine.Engine} {own}. Install another "
                    + "version of the component or the host.");
        }
    }

    private static WireConfigurationException Refuse(string key, string message) => new(key, message);
}

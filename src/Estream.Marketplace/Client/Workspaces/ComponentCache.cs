using System.Buffers;
using Estream.Core;
using Estream.Marketplace.Files;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Trust.Bundles;

namespace Estream.Marketplace.Workspaces;

/// <summary>
/// A content-addressed cache of the components on this machine. The folder of each component is named by its SHA-256 root, below
/// <c>components/RR</c> of <c>$HOME/.estream/cache</c>. A folder is complete or absent, even with concurrent installs and crashes
/// (<see cref="PackageInstaller"/>). The cache also keeps the bundles that verified the components. Safe for any number of threads and
/// processes.
/// </summary>
public sealed class ComponentCache
{
    private const int RootDigits = 64;

    private static readonly SearchValues<char> s_digits = SearchValues.Create("0123456789abcdef");

    private readonly string _folder;
    private readonly PackageLimits _limits;

    /// <summary>Creates a cache in a folder. The folder is created by the first install.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="limits">The package limits; <see cref="PackageLimits.Default"/> when null.</param>
    public ComponentCache(string folder, PackageLimits? limits = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _folder = Path.GetFullPath(folder);
        _limits = limits ?? PackageLimits.Default;
    }

    /// <summary>The cache folder of the current user, <c>$HOME/.estream/cache</c>, whether or not it exists.</summary>
    public static string UserFolder =>
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify),
            ".estream", "cache");

    /// <summary>Returns the folder of an installed component.</summary>
    /// <param name="root256">The SHA-256 root over the files of the component, as 64 lower-case hexadecimal digits.</param>
    /// <exception cref="ArgumentException">The root is not valid.</exception>
    public string FolderOf(string root256) => Path.Combine(_folder, "components", PlaceOf(root256));

    /// <summary>Returns whether a component is installed with exactly its files. Reads every file.</summary>
    public bool Has(string root256)
    {
        string folder = FolderOf(root256);
        return Directory.Exists(folder) && PackageFolder.Identify(folder, _limits).Identity?.Root256 == root256;
    }

    /// <summary>Stores the bundle that verified a component. Does nothing if the cache is not writable; the bundle is then fetched again
    /// when needed.</summary>
    internal void KeepBundle(string root256, ReadOnlySpan<byte> bundle)
    {
        try
        {
            AtomicFile.Write(FileStorage.Public, BundleOf(root256), bundle, isShared: true);
        }
        catch (EstreamStorageException)
        {
            // The cache may be read-only for this user. The bundle is not required.
        }
    }

    /// <summary>Returns the stored bundle of a component, or null. The bundle is not trusted, because others may write to the
    /// cache.</summary>
    internal byte[]? ReadBundle(string root256)
    {
        try
        {
            return BoundedContent.ReadFile(BundleOf(root256), ComponentBundle.MaxBytes);
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException or EstreamStorageException)
        {
            return null;
        }
    }

    /// <summary>Installs a component unless it is already installed.</summary>
    /// <param name="component">The component.</param>
    /// <param name="fetch">Fetches the package if it is not installed.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <returns>Whether the component was already installed, and why it could not be installed, or null.</returns>
    internal async ValueTask<(bool WasThere, string? Refusal)> BringAsync(LockedComponent component, FetchPackage fetch,
        CancellationToken cancellation)
    {
        if (Has(component.Root256))
        {
            return (true, null);
        }

        Stream package = await fetch(component, cancellation).ConfigureAwait(false);
        await using (package.ConfigureAwait(false))
        {
            PackageInstallResult there = Install(component.Root256, package);
            return (false, there.IsThere ? null : $"{component} of {component.Source}: {there.Message}");
        }
    }

    /// <summary>Installs a component. Reads its package twice: once to identify it, once to extract it.</summary>
    /// <param name="root256">The expected root, from a verified release or from a lock.</param>
    /// <param name="package">The package, as a seekable stream. The stream stays open.</param>
    public PackageInstallResult Install(string root256, Stream package)
    {
        ArgumentNullException.ThrowIfNull(package);
        string folder = FolderOf(root256);
        long start = package.Position;
        PackageReadResult read = PackageReader.Read(package, limits: _limits);
        if (!read.IsPackage || read.Identity is null)
        {
            return new PackageInstallResult(PackageInstallStatus.NotAPackage, folder, read.ToString());
        }

        if (read.Identity.Root256 != root256)
        {
            return new PackageInstallResult(PackageInstallStatus.OtherPackage, folder,
                $"The package has the root {read.Identity.Root256} instead of {root256}, and was not installed. Fetch it from another "
                + "source, or verify its release again.");
        }

        package.Position = start;
        return PackageInstaller.Install(package, read.Identity, folder, _limits);
    }

    private static string PlaceOf(string root256)
    {
        ArgumentNullException.ThrowIfNull(root256);
        return root256.Length == RootDigits && !root256.AsSpan().ContainsAnyExcept(s_digits)
            ? Path.Combine(root256[..2], root256)
            : throw new ArgumentException($"'{root256}' is not a valid root. Use {RootDigits} lower-case hexadecimal digits.",
                nameof(root256));
    }

    private string BundleOf(string root256) => Path.Combine(_folder, "bundles", $"{PlaceOf(root256)}.escb");
}

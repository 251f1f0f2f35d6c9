using System.Buffers;
using Estream.Core;
using Estream.Marketplace.Files;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Trust.Bundles;

namespace Estream.Marketplace.Workspaces;

/// <summary>
/// The components on this machine by what they are: the folder of each has the root over its files as its name, below <c>components/RR</c>
/// of <c>$HOME/.estream/cache</c>. A folder is there whole or not at all, however many processes install at once and whoever is killed
/// (<see cref="PackageInstaller"/>). Beside them are the bundles that they were verified by. Thread-safe, in any number of processes.
/// </summary>
public sealed class ComponentCache
{
    private const int RootDigits = 64;

    private static readonly SearchValues<char> s_digits = SearchValues.Create("0123456789abcdef");

    private readonly string _folder;
    private readonly PackageLimits _limits;

    /// <summary>A cache in a folder, which is made when something is installed.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="limits">How much of a package is taken; <see cref="PackageLimits.Default"/> when null.</param>
    public ComponentCache(string folder, PackageLimits? limits = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _folder = Path.GetFullPath(folder);
        _limits = limits ?? PackageLimits.Default;
    }

    /// <summary>The cache of the user who runs this: <c>$HOME/.estream/cache</c>, whether or not it is there.</summary>
    public static string UserFolder =>
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify),
            ".estream", "cache");

    /// <summary>Where the files of a component lie once it is installed.</summary>
    /// <param name="root256">The root over its files with SHA-256, in 64 lower-case hexadecimal digits.</param>
    /// <exception cref="ArgumentException">It is no root.</exception>
    public string FolderOf(string root256) => Path.Combine(_folder, "components", PlaceOf(root256));

    /// <summary>Whether a component is there and has exactly the files it should have: reads all of them.</summary>
    public bool Has(string root256)
    {
        string folder = FolderOf(root256);
        return Directory.Exists(folder) && PackageFolder.Identify(folder, _limits).Identity?.Root256 == root256;
    }

    /// <summary>Keeps the bundle that a component was verified by. Where the cache cannot be written to it is not kept, and fetched again
    /// when it is asked for.</summary>
    internal void KeepBundle(string root256, ReadOnlySpan<byte> bundle)
    {
        try
        {
            AtomicFile.Write(FileStorage.Public, BundleOf(root256), bundle, isShared: true);
        }
        catch (EstreamStorageException)
        {
            // Who installs from a cache that somebody else has filled can do without.
        }
    }

    /// <summary>The bundle that was kept of a component, from a place that others may write to; null where there is none.</summary>
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

    /// <summary>Has a component here: as it is there, or brought and installed.</summary>
    /// <param name="component">The component.</param>
    /// <param name="fetch">Gives its package where it is not there.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Whether it was there before; and why it is not there now, null where it is.</returns>
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

    /// <summary>Installs a component. Its package is read twice: once to see what it is, once to unpack it.</summary>
    /// <param name="root256">What it has to be: from a release that was verified, or from a lock.</param>
    /// <param name="package">The package, which can be read again from its beginning. Left open.</param>
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
                $"The package has the root {read.Identity.Root256} and should have {root256}: nothing was installed. Fetch it from "
                + "elsewhere, or verify its release anew.");
        }

        package.Position = start;
        return PackageInstaller.Install(package, read.Identity, folder, _limits);
    }

    private static string PlaceOf(string root256)
    {
        ArgumentNullException.ThrowIfNull(root256);
        return root256.Length == RootDigits && !root256.AsSpan().ContainsAnyExcept(s_digits)
            ? Path.Combine(root256[..2], root256)
            : throw new ArgumentException($"'{root256}' is no root: {RootDigits} lower-case hexadecimal digits are one.", nameof(root256));
    }

    private string BundleOf(string root256) => Path.Combine(_folder, "bundles", $"{PlaceOf(root256)}.escb");
}

using System.Globalization;
using Estream.Core;
using Estream.Marketplace.Files;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Log;

namespace Estream.Marketplace.Governance;

/// <summary>Stores pending releases as their authors submitted them, in one folder per release digest. They are not served. Not
/// thread-safe; each release is complete or absent.</summary>
internal sealed class PendingReleases(string folder)
{
    /// <summary>The maximum number of pending releases.</summary>
    public const int MaxReleases = 1_000;

    private const string PackageName = "package.escx";
    private const string EntryName = "entry.json";

    /// <summary>Adds a release; does nothing if it is already stored.</summary>
    /// <exception cref="EstreamRegistryException">The maximum number of pending releases is reached.</exception>
    public void Add(SignedRelease release)
    {
        string digest = release.Statement.Digest();
        if (Digests().Contains(digest, StringComparer.Ordinal))
        {
            return;
        }

        if (Digests().Count >= MaxReleases)
        {
            throw new EstreamRegistryException(
                RegistryFault.Unavailable,
                string.Create(CultureInfo.InvariantCulture,
                    $"{MaxReleases} releases are pending, so {release.Manifest} is refused. Decide some of them: estream marketplace "
                    + $"pending --retry."), folder);
        }

        // Write the entry last: its presence means that the package is complete.
        AtomicFile.Write(FileStorage.Instance, PathOf(digest, PackageName), release.Bytes.Span);
        AtomicFile.Write(FileStorage.Instance, PathOf(digest, EntryName), release.Entry.Span);
    }

    /// <summary>Returns the digests of all pending releases.</summary>
    public IReadOnlyList<string> Digests() => Directory.Exists(folder)
        ? [.. Directory.EnumerateDirectories(folder).Select(path => Path.GetFileName(path)!)
            .Where(digest => File.Exists(PathOf(digest, EntryName))).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>Returns a pending release by its digest; null if it is not pending.</summary>
    /// <exception cref="EstreamCorruptionException">The files of the release are damaged.</exception>
    public SignedRelease? Find(string digest)
    {
        if (!Digests().Contains(digest, StringComparer.Ordinal))
        {
            return null;
        }

        byte[] package = AtomicFile.Read(FileStorage.Instance, PathOf(digest, PackageName), RegistryLimits.MaxPackageBytes) ?? [];
        byte[] entry = AtomicFile.Read(FileStorage.Instance, PathOf(digest, EntryName), EntryBundle.MaxEntryBytes) ?? [];
        using MemoryStream bytes = new(package, writable: false);
        return SignedRelease.TryRead(bytes, entry, out SignedRelease? release, out string? reason) && release.Statement.Digest() == digest
            ? release
            : throw new EstreamCorruptionException(
                $"The pending release in '{Path.Combine(folder, digest)}' is damaged: {reason ?? "it is another release"}. Delete the "
                + "folder, and have its author submit it again.", Path.Combine(folder, digest));
    }

    /// <summary>Removes a release; does nothing if it is not stored.</summary>
    public void Remove(string digest)
    {
        string path = Path.Combine(folder, digest);
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }

    private string PathOf(string digest, string file) => Path.Combine(folder, digest, file);
}

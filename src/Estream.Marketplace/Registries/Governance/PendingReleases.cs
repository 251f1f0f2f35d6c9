using System.Globalization;
using Estream.Core;
using Estream.Marketplace.Files;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Log;

namespace Estream.Marketplace.Governance;

/// <summary>Releases that wait, as their authors handed them in: a folder for each release digest. Nothing of them is served. One thread at
/// a time; one that was put here is there whole or not at all.</summary>
internal sealed class PendingReleases(string folder)
{
    /// <summary>Releases that wait at a time.</summary>
    public const int MaxReleases = 1_000;

    private const string PackageName = "package.escx";
    private const string EntryName = "entry.json";

    /// <summary>Keeps a release. One that is here already stays as it is.</summary>
    /// <exception cref="EstreamRegistryException">So many wait that no more are taken.</exception>
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
                    $"{MaxReleases} releases wait already, and {release.Manifest} is not taken. Have some decided: estream marketplace "
                    + $"pending --retry."), folder);
        }

        // The entry last: it says that the package is whole.
        AtomicFile.Write(FileStorage.Instance, PathOf(digest, PackageName), release.Bytes.Span);
        AtomicFile.Write(FileStorage.Instance, PathOf(digest, EntryName), release.Entry.Span);
    }

    /// <summary>The digests of all that wait.</summary>
    public IReadOnlyList<string> Digests() => Directory.Exists(folder)
        ? [.. Directory.EnumerateDirectories(folder).Select(path => Path.GetFileName(path)!)
            .Where(digest => File.Exists(PathOf(digest, EntryName))).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>A release by its digest; null where it does not wait.</summary>
    /// <exception cref="EstreamCorruptionException">Its files are damaged.</exception>
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
                $"The release that waits in '{Path.Combine(folder, digest)}' is damaged: {reason ?? "it is another one"}. Remove the "
                + "folder, and have its author hand it in again.", Path.Combine(folder, digest));
    }

    /// <summary>Lets one go. Nothing happens where it is not here.</summary>
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

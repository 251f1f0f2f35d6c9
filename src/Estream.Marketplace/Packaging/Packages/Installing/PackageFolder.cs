using Estream.Core;

namespace Estream.Marketplace.Packages;

/// <summary>Computes the identity of an installed package from the files in its folder. Thread-safe.</summary>
public static class PackageFolder
{
    /// <summary>Hashes the files of a folder.</summary>
    /// <param name="folder">The folder; not a link to one.</param>
    /// <param name="limits">The limits on the files.</param>
    /// <returns>The identity, which equals that of the installed package unless the files were changed since; or the files that no package
    /// can have.</returns>
    /// <exception cref="EstreamStorageException">The folder, or a file in it, cannot be read.</exception>
    public static PackageFolderResult Identify(string folder, PackageLimits? limits = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return Look(folder, limits ?? PackageLimits.Default, static _ => false, []);
    }

    /// <summary>Hashes the files of a folder and returns the content of some of them. The returned bytes are the hashed bytes, whatever
    /// happens to the files afterwards.</summary>
    /// <param name="folder">The folder; not a link to one.</param>
    /// <param name="isKept">Returns whether to keep the content of a path in memory. Called once per file, in package order.</param>
    /// <param name="kept">The contents by path; meaningless if the folder has no identity.</param>
    /// <param name="limits">The limits on the files, and so on the memory used.</param>
    /// <returns>The same result as <see cref="Identify"/>.</returns>
    /// <exception cref="EstreamStorageException">The folder, or a file in it, cannot be read.</exception>
    public static PackageFolderResult Read(string folder, Func<string, bool> isKept,
        out IReadOnlyDictionary<string, ReadOnlyMemory<byte>> kept, PackageLimits? limits = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(isKept);
        Dictionary<string, ReadOnlyMemory<byte>> files = new(StringComparer.Ordinal);
        kept = files;
        return Look(folder, limits ?? PackageLimits.Default, isKept, files);
    }

    private static PackageFolderResult Look(string folder, PackageLimits limits, Func<string, bool> isKept,
        Dictionary<string, ReadOnlyMemory<byte>> kept) =>
        FileKinds.Of(folder) == FileKind.Folder
            ? FileFailure.Guard(folder, "read the files of the folder", () => IdentifyFiles(folder, limits, isKept, kept))
            : new PackageFolderResult(null, [new FolderProblem(".", "is not a folder.")]);

    private static PackageFolderResult IdentifyFiles(string folder, PackageLimits limits, Func<string, bool> isKept,
        Dictionary<string, ReadOnlyMemory<byte>> kept)
    {
        FolderFiles found = FolderFiles.Find(folder, limits, _ => false);
        List<FolderProblem> problems = [.. found.Problems];
        PackageTree tree = new();
        using ContentHasher hasher = new();
        byte[] chunk = new byte[64 << 10];
        long total = 0;
        foreach (string path in found.Paths)
        {
            if (PackagePath.KindOf(path) != PackageEntryKind.Content)
            {
                problems.Add(new FolderProblem(path,
                    "was not installed from a package: package content cannot have this name. Remove it."));
                continue;
            }

            using FileStream file = new(Path.Combine(folder, path), FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            MemoryStream? copy = isKept(path) ? new MemoryStream() : null;
            long length = 0;
            for (int read; (read = file.Read(chunk)) > 0 && total <= limits.MaxArchiveBytes; length += read, total += read)
            {
                hasher.Append(chunk.AsSpan(0, read));
                copy?.Write(chunk.AsSpan(0, read));
            }

            hasher.Finish();
            if (copy is not null)
            {
                kept.Add(path, copy.GetBuffer().AsMemory(0, (int)copy.Length));
            }

            tree.Append(path, !OperatingSystem.IsWindows() && (File.GetUnixFileMode(file.SafeFileHandle) & UnixFileMode.UserExecute) != 0,
                length, hasher.Sha256, hasher.Sha3);
            if (total > limits.MaxArchiveBytes)
            {
                problems.Add(new FolderProblem(path, PackageFaults.Explain(PackageFault.ArchiveTooLarge)));
                break;
            }
        }

        return problems.Count == 0 ? new PackageFolderResult(tree.Identity(), []) : new PackageFolderResult(null, problems);
    }
}

/// <summary>The identity of a folder.</summary>
/// <param name="Identity">The identity of a package with these files; null if no package can have them.</param>
/// <param name="Problems">The files that no package can have.</param>
public sealed record PackageFolderResult(PackageIdentity? Identity, IReadOnlyList<FolderProblem> Problems);

using Estream.Core;

namespace Estream.Marketplace.Packages;

/// <summary>The folder of an installed package: what it is, by its files as they lie there. Thread-safe.</summary>
public static class PackageFolder
{
    /// <summary>Hashes the files of a folder.</summary>
    /// <param name="folder">The folder; not a link to one.</param>
    /// <param name="limits">How much is looked at.</param>
    /// <returns>Its identity, which is that of the package it was installed from unless somebody has changed it since; or what no package
    /// has.</returns>
    /// <exception cref="EstreamStorageException">The folder, or a file of it, cannot be read.</exception>
    public static PackageFolderResult Identify(string folder, PackageLimits? limits = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return Look(folder, limits ?? PackageLimits.Default, static _ => false, []);
    }

    /// <summary>Hashes the files of a folder, and keeps some of them: what is returned are the bytes that were hashed, whatever becomes of
    /// the files afterwards.</summary>
    /// <param name="folder">The folder; not a link to one.</param>
    /// <param name="isKept">Whether the file of a path is kept in memory. Called for each, in the order of packages.</param>
    /// <param name="kept">Those files by their paths; means nothing where the folder has no identity.</param>
    /// <param name="limits">How much is looked at, and so how much memory it takes at most.</param>
    /// <returns>What the folder is, as <see cref="Identify"/> says it.</returns>
    /// <exception cref="EstreamStorageException">The folder, or a file of it, cannot be read.</exception>
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
            ? FileFailure.Guard(folder, "look at its files", () => IdentifyFiles(folder, limits, isKept, kept))
            : new PackageFolderResult(null, [new FolderProblem(".", "is no folder.")]);

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
                problems.Add(new FolderProblem(path, "is not installed from a package, whose content never has this name."));
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

/// <summary>What a folder is.</summary>
/// <param name="Identity">That of the package with these files; null where no package has them.</param>
/// <param name="Problems">What no package has.</param>
public sealed record PackageFolderResult(PackageIdentity? Identity, IReadOnlyList<FolderProblem> Problems);

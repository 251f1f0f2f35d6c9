using Estream.Core;

namespace Estream.Marketplace.Packages;

/// <summary>
/// Unpacks a package into a folder that is there whole or not at all, whoever is killed and however many do it at once: files are written
/// into a room beside it, flushed to the device, and get their name by one rename (docs/formats/package.md, "Installing").
/// </summary>
/// <remarks>Thread-safe, in any number of processes. Runs nothing of a package, and follows no link.</remarks>
public static class PackageInstaller
{
    /// <summary>Installs a package.</summary>
    /// <param name="package">Its bytes; read to their end where the folder is not there yet. Left open.</param>
    /// <param name="expected">What it has to be. From a release that was verified, or a lock: nothing is installed by its name.</param>
    /// <param name="folder">The folder that it becomes. What is before its last name is made where it is missing.</param>
    /// <param name="limits">How much is taken.</param>
    /// <exception cref="EstreamStorageException">The file system refuses. Nothing is left, or a room that the next install takes
    /// away.</exception>
    public static PackageInstallResult Install(Stream package, PackageIdentity expected, string folder, PackageLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(package);
        ArgumentNullException.ThrowIfNull(expected);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        string parent = Path.GetDirectoryName(target)
            ?? throw new ArgumentException($"'{folder}' is no folder in another one.", nameof(folder));
        limits ??= PackageLimits.Default;
        return FileFailure.Guard(target, "install it", () =>
        {
            FileStorage.Instance.CreateDirectory(parent);
            return WhatIsThere(target, expected, limits) ?? Unpack(package, expected, target, parent, limits);
        });
    }

    private static PackageInstallResult Unpack(Stream package, PackageIdentity expected, string target, string parent, PackageLimits limits)
    {
        using InstallCapacity room = InstallCapacity.Make(parent);
        PackageReadResult read;
        using (InstallSink sink = new(room.Content))
        {
            read = PackageReader.Read(package, sink, limits);
            if (read.Identity == expected)
            {
                sink.Flush();
            }
        }

        if (read.Identity != expected)
        {
            return read.IsPackage
                ? new PackageInstallResult(PackageInstallStatus.OtherPackage, target,
                    $"{read} is not the one asked for, {expected.Root256}: nothing was installed. Fetch it from elsewhere, or verify its "
                    + "release anew.")
                : new PackageInstallResult(PackageInstallStatus.NotAPackage, target, read.ToString());
        }

        try
        {
            Directory.Move(room.Content, target);
        }
        catch (IOException) when (FileKinds.Of(target) != FileKind.Missing)
        {
            // Somebody else was faster. What is there has to be the same.
            return WhatIsThere(target, expected, limits)!;
        }

        FileStorage.Instance.SyncDirectory(parent);
        return new PackageInstallResult(PackageInstallStatus.Installed, target, $"installed in {target}");
    }

    private static PackageInstallResult? WhatIsThere(string target, PackageIdentity expected, PackageLimits limits)
    {
        FileKind kind = FileKinds.Of(target);
        if (kind == FileKind.Missing)
        {
            return null;
        }

        if (kind == FileKind.Folder && PackageFolder.Identify(target, limits).Identity == expected)
        {
            return new PackageInstallResult(
                PackageInstallStatus.AlreadyThere, target, $"{target} is there already, with the same content");
        }

        string found = kind == FileKind.Folder
            ? "not what the package has: somebody has changed it, or it is another component"
            : "no folder";
        return new PackageInstallResult(
            PackageInstallStatus.Occupied, target, $"{target} is there, and is {found}. Move it away and install again.");
    }
}

/// <summary>How an install ended.</summary>
public enum PackageInstallStatus
{
    /// <summary>The folder is there now, whole and on the device.</summary>
    Installed,

    /// <summary>The folder was there, with exactly this content.</summary>
    AlreadyThere,

    /// <summary>The bytes are no package; nothing was changed.</summary>
    NotAPackage,

    /// <summary>The package is another one than was asked for; nothing was changed.</summary>
    OtherPackage,

    /// <summary>Something else has the name of the folder: other files, a link, a file. Nothing was changed.</summary>
    Occupied,
}

/// <summary>What came of an install.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Folder">The folder.</param>
/// <param name="Message">That in a sentence, with what to do.</param>
public sealed record PackageInstallResult(PackageInstallStatus Status, string Folder, string Message)
{
    /// <summary>Whether the folder is there with the content asked for.</summary>
    public bool IsThere => Status is PackageInstallStatus.Installed or PackageInstallStatus.AlreadyThere;
}

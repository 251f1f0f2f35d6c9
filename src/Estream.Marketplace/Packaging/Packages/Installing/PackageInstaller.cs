using Estream.Core;

namespace Estream.Marketplace.Packages;

/// <summary>
/// Installs a package into a folder atomically, even after a crash and with concurrent installs: writes the files to a temporary folder
/// next to the target, flushes them, and renames the folder (docs/formats/package.md, "Installing").
/// </summary>
/// <remarks>Thread-safe, also across processes. Executes nothing from a package and follows no links.</remarks>
public static class PackageInstaller
{
    /// <summary>Installs a package.</summary>
    /// <param name="package">The package; read to the end unless the folder already exists. Left open.</param>
    /// <param name="expected">The required identity, from a verified release or a lock file. Packages are never installed by name
    /// alone.</param>
    /// <param name="folder">The target folder. Missing parent folders are created.</param>
    /// <param name="limits">The limits on the package.</param>
    /// <exception cref="EstreamStorageException">The file system failed. Nothing is left, or only a temporary folder that the next install
    /// deletes.</exception>
    public static PackageInstallResult Install(Stream package, PackageIdentity expected, string folder, PackageLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(package);
        ArgumentNullException.ThrowIfNull(expected);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        string parent = Path.GetDirectoryName(target)
            ?? throw new ArgumentException($"'{folder}' has no parent folder. Choose a folder inside another one.", nameof(folder));
        limits ??= PackageLimits.Default;
        return FileFailure.Guard(target, "install the package", () =>
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
                    $"expected root256 {expected.Root256}, but read {read}. Nothing was installed. Fetch the package from another "
                    + "source, or verify its release again.")
                : new PackageInstallResult(PackageInstallStatus.NotAPackage, target, read.ToString());
        }

        try
        {
            Directory.Move(room.Content, target);
        }
        catch (IOException) when (FileKinds.Of(target) != FileKind.Missing)
        {
            // A concurrent install finished first; its result must have the same content.
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
                PackageInstallStatus.AlreadyThere, target, $"{target} already exists with the same content");
        }

        string found = kind == FileKind.Folder
            ? "different content: it was changed, or is another component"
            : "a file or link instead of a folder";
        return new PackageInstallResult(
            PackageInstallStatus.Occupied, target, $"{target} already exists and has {found}. Move it away and install again.");
    }
}

/// <summary>The outcome of an install.</summary>
public enum PackageInstallStatus
{
    /// <summary>The folder was created, complete and durable.</summary>
    Installed,

    /// <summary>The folder already existed with exactly this content.</summary>
    AlreadyThere,

    /// <summary>The bytes are not a package; nothing was changed.</summary>
    NotAPackage,

    /// <summary>The package is not the requested one; nothing was changed.</summary>
    OtherPackage,

    /// <summary>The target exists with other content: other files, a link, or a file. Nothing was changed.</summary>
    Occupied,
}

/// <summary>The result of an install.</summary>
/// <param name="Status">The outcome.</param>
/// <param name="Folder">The target folder.</param>
/// <param name="Message">The outcome as a sentence, with what to do.</param>
public sealed record PackageInstallResult(PackageInstallStatus Status, string Folder, string Message)
{
    /// <summary>Whether the folder exists with the requested content.</summary>
    public bool IsThere => Status is PackageInstallStatus.Installed or PackageInstallStatus.AlreadyThere;
}

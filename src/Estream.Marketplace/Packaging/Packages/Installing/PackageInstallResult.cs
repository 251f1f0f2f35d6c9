namespace Estream.Marketplace.Packages;

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

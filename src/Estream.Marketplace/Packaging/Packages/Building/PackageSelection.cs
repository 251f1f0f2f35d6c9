namespace Estream.Marketplace.Packages;

/// <summary>Which files of a component's folder are packed, and which of them may be executed. Paths are those from that folder, with
/// slashes.</summary>
/// <param name="Includes">Whether a file is packed. The manifest always is.</param>
/// <param name="IsExecutable">Whether a file may be executed once it is installed. What the file system says of it does not count: it
/// differs from checkout to checkout.</param>
public sealed record PackageSelection(Predicate<string> Includes, Predicate<string> IsExecutable)
{
    /// <summary>All files, none of them executable.</summary>
    public static PackageSelection All { get; } = new(_ => true, _ => false);
}

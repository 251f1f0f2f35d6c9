namespace Estream.Marketplace.Packages;

/// <summary>Something in a folder that cannot be in a package.</summary>
/// <param name="Path">Where, from that folder, with slashes.</param>
/// <param name="Message">What it is, and what to do.</param>
public sealed record FolderProblem(string Path, string Message)
{
    /// <summary>Both.</summary>
    public override string ToString() => $"{Path}: {Message}";
}

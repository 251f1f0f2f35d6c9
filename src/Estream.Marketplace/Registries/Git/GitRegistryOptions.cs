namespace Estream.Marketplace.Registries.Git;

/// <summary>Which Git repository a registry is, and how it is published to.</summary>
public sealed class GitRegistryOptions
{
    /// <summary>The repository, as Git names it: an address, or a path. Passwords belong into a credential helper of Git, not
    /// here.</summary>
    public required string Remote { get; init; }

    /// <summary>A directory for what is fetched of it; made where it is missing. One for each repository.</summary>
    public required string CacheDirectory { get; init; }

    /// <summary>The branch that is the registry.</summary>
    public string Branch { get; init; } = "main";

    /// <summary>Where publications are proposed; where null they are pushed to the branch itself.</summary>
    public IPullRequests? PullRequests { get; init; }

    /// <summary>Whose commits they are.</summary>
    public string AuthorName { get; init; } = "estream marketplace";

    /// <summary>The mail address of the author.</summary>
    public string AuthorMail { get; init; } = "marketplace@localhost";

    /// <summary>The program; 2.30 or newer.</summary>
    public string GitProgram { get; init; } = "git";

    /// <summary>The longest that one call of it may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The most bytes that one fetch may add to <see cref="CacheDirectory"/>: it is ended where there are more, and what it
    /// brought is removed. It is looked at ten times a second, so that a fast network brings somewhat more. Twice as much may lie there at
    /// a time.</summary>
    public long MaxFetchBytes { get; init; } = 4L << 30;
}

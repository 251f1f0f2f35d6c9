namespace Estream.Marketplace.Registries.Git;

/// <summary>The Git repository of a registry, and how to publish to it.</summary>
public sealed class GitRegistryOptions
{
    /// <summary>The repository as Git names it: an address or a path. Keep passwords in a Git credential helper, not here.</summary>
    public required string Remote { get; init; }

    /// <summary>The directory for fetched data, created if missing. Use one directory per repository.</summary>
    public required string CacheDirectory { get; init; }

    /// <summary>The branch with the files of the registry.</summary>
    public string Branch { get; init; } = "main";

    /// <summary>Opens pull requests for changes; null pushes changes to the branch.</summary>
    public IPullRequests? PullRequests { get; init; }

    /// <summary>The author name of commits.</summary>
    public string AuthorName { get; init; } = "estream marketplace";

    /// <summary>The mail address of the author.</summary>
    public string AuthorMail { get; init; } = "marketplace@localhost";

    /// <summary>The Git program; requires version 2.30 or newer.</summary>
    public string GitProgram { get; init; } = "git";

    /// <summary>The timeout of one Git call.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The maximum number of bytes that one fetch may add to <see cref="CacheDirectory"/>. A larger fetch is ended and its data is
    /// deleted. The size is checked ten times a second, so a fast network may exceed the limit for a moment. The directory may hold up to
    /// twice the limit.</summary>
    public long MaxFetchBytes { get; init; } = 4L << 30;
}

namespace Estream.Marketplace.Trust.Roles;

/// <summary>The limits on the size and the number of documents. A registry that exceeds a limit is rejected.</summary>
internal static class RoleLimits
{
    public const int MaxRootBytes = 1 << 20;

    public const int MaxTimestampBytes = 128 << 10;

    public const int MaxSnapshotBytes = 1 << 20;

    public const int MaxTargetsBytes = 4 << 20;

    /// <summary>The maximum number of root rotations followed in one refresh.</summary>
    public const int MaxRotations = 256;

    /// <summary>The maximum number of targets documents, including the top-level one.</summary>
    public const int MaxTargets = 64;

    /// <summary>The maximum number of delegations in one document.</summary>
    public const int MaxDelegations = 32;

    /// <summary>The maximum number of rules, and of files, in one document.</summary>
    public const int MaxEntries = 10_000;

    /// <summary>The maximum size of a file that targets refer to, in bytes.</summary>
    public const long MaxFileBytes = 256 << 20;

    public const int MaxDepth = 8;
}

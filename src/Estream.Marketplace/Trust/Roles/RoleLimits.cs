namespace Estream.Marketplace.Trust.Roles;

/// <summary>How much of each document is read, and how many of them. A registry that gives more is not believed.</summary>
internal static class RoleLimits
{
    public const int MaxRootBytes = 1 << 20;

    public const int MaxTimestampBytes = 128 << 10;

    public const int MaxSnapshotBytes = 1 << 20;

    public const int MaxTargetsBytes = 4 << 20;

    /// <summary>Roots that are followed in one refresh.</summary>
    public const int MaxRotations = 256;

    /// <summary>Documents of the kind of targets, the first one counted.</summary>
    public const int MaxTargets = 64;

    /// <summary>Delegations of one document.</summary>
    public const int MaxDelegations = 32;

    /// <summary>Rules and files of one document.</summary>
    public const int MaxEntries = 10_000;

    /// <summary>Bytes of a file that targets name.</summary>
    public const long MaxFileBytes = 256 << 20;

    public const int MaxDepth = 8;
}

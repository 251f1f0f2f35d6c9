using Estream.Esf.Schema;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Workspaces;

/// <summary>An entry of a lock: the exact release, its signer and its permissions. Immutable.</summary>
public sealed record LockedComponent
{
    /// <summary>The component.</summary>
    public required ComponentName Name { get; init; }

    /// <summary>The version.</summary>
    public required SemanticVersion Version { get; init; }

    /// <summary>The SHA-256 root over the files, as 64 lower-case hexadecimal digits. It identifies the content on every platform,
    /// independent of packing.</summary>
    public required string Root256 { get; init; }

    /// <summary>The index of the log entry that published the release, counted from 0.</summary>
    public required long LogIndex { get; init; }

    /// <summary>The ids of the keys that signed the release, comma-separated.</summary>
    public required string KeyId { get; init; }

    /// <summary>The name of the registry that the component comes from.</summary>
    public required string Source { get; init; }

    /// <summary>The components that this component needs, in order.</summary>
    public IReadOnlyList<ComponentName> Dependencies { get; init; } = [];

    /// <summary>The permissions, as the manifest writes them, in order.</summary>
    public IReadOnlyList<string> Permissions { get; init; } = [];

    /// <summary>Whether the code runs in the process of a host (a wire adapter), with all rights of the host. Its permissions are then only
    /// its publisher's statement; the load context does not enforce them.</summary>
    public bool RunsInHost { get; init; }

    /// <summary>The trust tier that the policy of the registry gave the component when the lock was written; null in a lock of an older
    /// version of this program.</summary>
    public TrustTier? Tier { get; init; }

    /// <summary>Returns whether both entries name the same release: they are equal in every member except the tier, which the registry can
    /// change without a new release. Record equality does not suffice: it compares lists by reference.</summary>
    internal bool IsSame(LockedComponent other) =>
        Name == other.Name && Version == other.Version && Root256 == other.Root256 && LogIndex == other.LogIndex && KeyId == other.KeyId
            && Source == other.Source
        && RunsInHost == other.RunsInHost && Dependencies.SequenceEqual(other.Dependencies) && Permissions.SequenceEqual(other.Permissions);

    /// <summary>Returns the component for display: <c>esf-iot 1.2.0</c>.</summary>
    public override string ToString() => $"{Name} {Version}";
}

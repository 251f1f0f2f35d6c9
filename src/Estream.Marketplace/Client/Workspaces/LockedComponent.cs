using Estream.Esf.Schema;

namespace Estream.Marketplace.Workspaces;

/// <summary>A component of a lock: what exactly was chosen, who vouched for it, and what it was let do. Immutable.</summary>
public sealed record LockedComponent
{
    /// <summary>The component.</summary>
    public required ComponentName Name { get; init; }

    /// <summary>The version.</summary>
    public required SemanticVersion Version { get; init; }

    /// <summary>The root over its files with SHA-256, in 64 lower-case hexadecimal digits: what it is, on every platform and however it was
    /// packed.</summary>
    public required string Root256 { get; init; }

    /// <summary>The entry of the log in which its release was published, counted from 0.</summary>
    public required long LogIndex { get; init; }

    /// <summary>The id of the key that signed its release.</summary>
    public required string KeyId { get; init; }

    /// <summary>The registry it comes from.</summary>
    public required string Source { get; init; }

    /// <summary>The components it needs, in order.</summary>
    public IReadOnlyList<ComponentName> Dependencies { get; init; } = [];

    /// <summary>What it is allowed to do, as its manifest writes it, in order.</summary>
    public IReadOnlyList<string> Permissions { get; init; } = [];

    /// <summary>Whether its code runs in the process of a host (a wire adapter), with all rights of that: what it says it may do is then
    /// its publisher's word, and no load context keeps it from more.</summary>
    public bool RunsInHost { get; init; }

    /// <summary>Whether another one says the same in each member: a record compares its lists by what they are and not by what is in
    /// them.</summary>
    internal bool IsSame(LockedComponent other) =>
        Name == other.Name && Version == other.Version && Root256 == other.Root256 && LogIndex == other.LogIndex && KeyId == other.KeyId
            && Source == other.Source
        && RunsInHost == other.RunsInHost && Dependencies.SequenceEqual(other.Dependencies) && Permissions.SequenceEqual(other.Permissions);

    /// <summary>The component for people: <c>esf-iot 1.2.0</c>.</summary>
    public override string ToString() => $"{Name} {Version}";
}

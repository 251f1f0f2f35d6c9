using Estream.Marketplace.Trust.Dsse;

namespace Estream.Marketplace.Trust.Roles;

/// <summary>What a registry is to say from now on. What is not named stays as it is. Immutable.</summary>
public sealed record RolePublication
{
    /// <summary>New roots, in the order of their versions, signed.</summary>
    public IReadOnlyList<DsseEnvelope> Roots { get; init; } = [];

    /// <summary>New targets, signed.</summary>
    public IReadOnlyList<DsseEnvelope> Targets { get; init; } = [];

    /// <summary>Entries of the transparency log; null leaves size and root as they are.</summary>
    public long? LogSize { get; init; }

    /// <summary>The root of the log's tree, in 64 lower-case hexadecimal digits.</summary>
    public string? LogRoot { get; init; }

    /// <summary>The root of the map of namespaces, likewise.</summary>
    public string? NamespaceRoot { get; init; }

    /// <summary>What the registry has; null leaves it as it is.</summary>
    public DocumentReference? Catalog { get; init; }

    /// <summary>Who signs the snapshot.</summary>
    public required IReadOnlyList<DocumentSigner> SnapshotSigners { get; init; }

    /// <summary>Who signs the timestamp.</summary>
    public required IReadOnlyList<DocumentSigner> TimestampSigners { get; init; }

    /// <summary>How long the snapshot counts.</summary>
    public TimeSpan SnapshotLifetime { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long the timestamp counts.</summary>
    public TimeSpan TimestampLifetime { get; init; } = TimeSpan.FromDays(1);
}

using Estream.Marketplace.Trust.Dsse;

namespace Estream.Marketplace.Trust.Roles;

/// <summary>The changes to publish in a registry. Unset members keep their current content. Immutable.</summary>
public sealed record RolePublication
{
    /// <summary>New signed roots, in version order.</summary>
    public IReadOnlyList<DsseEnvelope> Roots { get; init; } = [];

    /// <summary>New signed targets.</summary>
    public IReadOnlyList<DsseEnvelope> Targets { get; init; } = [];

    /// <summary>The number of entries of the transparency log; null keeps the current size.</summary>
    public long? LogSize { get; init; }

    /// <summary>The root of the log's tree, in 64 lower-case hexadecimal digits; null keeps the current root.</summary>
    public string? LogRoot { get; init; }

    /// <summary>The root of the namespace map, in 64 lower-case hexadecimal digits; null keeps the current root.</summary>
    public string? NamespaceRoot { get; init; }

    /// <summary>The catalog of the registry; null keeps the current catalog.</summary>
    public DocumentReference? Catalog { get; init; }

    /// <summary>The signers of the snapshot.</summary>
    public required IReadOnlyList<DocumentSigner> SnapshotSigners { get; init; }

    /// <summary>The signers of the timestamp.</summary>
    public required IReadOnlyList<DocumentSigner> TimestampSigners { get; init; }

    /// <summary>The lifetime of the snapshot.</summary>
    public TimeSpan SnapshotLifetime { get; init; } = TimeSpan.FromDays(7);

    /// <summary>The lifetime of the timestamp.</summary>
    public TimeSpan TimestampLifetime { get; init; } = TimeSpan.FromDays(1);
}

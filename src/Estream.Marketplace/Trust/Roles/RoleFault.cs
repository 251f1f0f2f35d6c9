namespace Estream.Marketplace.Trust.Roles;

/// <summary>Why the documents of a registry are rejected.</summary>
/// <param name="Kind">The failed check.</param>
/// <param name="File">The name of the document, such as <c>7.snapshot.json</c>.</param>
/// <param name="Reason">A human-readable text: what is wrong with the document.</param>
public sealed record RoleFault(RoleFaultKind Kind, string File, string Reason)
{
    /// <summary>A human-readable text: what to do.</summary>
    public string WhatToDo => Kind switch
    {
        RoleFaultKind.Missing => "Check the address of the registry, or ask its operator.",
        RoleFaultKind.Expired => "Ask the operator of the registry for a new one, and check the clock of this machine.",
        RoleFaultKind.Rollback or RoleFaultKind.Equivocation =>
            "Do not install from this copy of the registry. Use another mirror, and tell the operator.",
        RoleFaultKind.Backstop => "This copy of the registry is older than this program. Use another mirror.",
        _ => "Do not install from this copy of the registry. Use another mirror, or ask the operator.",
    };

    /// <inheritdoc/>
    public override string ToString() => $"{File}: {Reason}. {WhatToDo}";
}

/// <summary>The check that a role document failed.</summary>
public enum RoleFaultKind
{
    /// <summary>The registry does not have the document.</summary>
    Missing,

    /// <summary>The document is larger than the limit, or has another size than the document that refers to it states.</summary>
    Size,

    /// <summary>The document has another digest than the document that refers to it states.</summary>
    Digest,

    /// <summary>The document cannot be read: it has another type or form, or belongs to another registry.</summary>
    Malformed,

    /// <summary>Fewer trusted keys than the threshold have signed the document.</summary>
    Signature,

    /// <summary>The document has another version than its name, or than the document that refers to it, states.</summary>
    Version,

    /// <summary>The document is older than a document seen before, or lacks content that the earlier document had.</summary>
    Rollback,

    /// <summary>The document differs from a document seen before with the same version: different clients are being shown different
    /// documents.</summary>
    Equivocation,

    /// <summary>The document has expired: the registry is not maintained, or newer documents are being withheld.</summary>
    Expired,

    /// <summary>The document is older than the minimum version built into this program.</summary>
    Backstop,

    /// <summary>There are more roots or delegations than the limit.</summary>
    TooMany,
}

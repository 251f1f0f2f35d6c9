namespace Estream.Marketplace.Trust.Roles;

/// <summary>Why the documents of a registry are not believed.</summary>
/// <param name="Kind">Which check failed.</param>
/// <param name="File">The name of the document, such as <c>7.snapshot.json</c>.</param>
/// <param name="Reason">What is wrong with it, for people.</param>
public sealed record RoleFault(RoleFaultKind Kind, string File, string Reason)
{
    /// <summary>What can be done about it.</summary>
    public string WhatToDo => Kind switch
    {
        RoleFaultKind.Missing => "Check the address of the registry, or ask who keeps it.",
        RoleFaultKind.Expired => "Ask who keeps the registry for a new one, and check the clock of this machine.",
        RoleFaultKind.Rollback or RoleFaultKind.Equivocation =>
            "Do not install from this copy of the registry: take another mirror, and tell who keeps it.",
        RoleFaultKind.Backstop => "This copy of the registry is older than this program: take another mirror.",
        _ => "Do not install from this copy of the registry: take another mirror, or ask who keeps it.",
    };

    /// <inheritdoc/>
    public override string ToString() => $"{File}: {Reason}. {WhatToDo}";
}

/// <summary>Which check a role's document does not pass.</summary>
public enum RoleFaultKind
{
    /// <summary>The registry does not have it.</summary>
    Missing,

    /// <summary>It has more bytes than it may have, or than was said of it.</summary>
    Size,

    /// <summary>It has other bytes than the document that names it says.</summary>
    Digest,

    /// <summary>It is no such document: another type, another shape, or another registry's.</summary>
    Malformed,

    /// <summary>Not enough of the keys that count have signed it.</summary>
    Signature,

    /// <summary>It is another version than its name or the document that names it says.</summary>
    Version,

    /// <summary>It is older than what was seen already, or lacks what was there.</summary>
    Rollback,

    /// <summary>It is another document with the version of one that was seen already: somebody shows different things to different
    /// people.</summary>
    Equivocation,

    /// <summary>It was to be replaced by now: the registry is not kept, or somebody holds newer ones back.</summary>
    Expired,

    /// <summary>It is older than this program knows it to be.</summary>
    Backstop,

    /// <summary>There are more roots or delegations than are followed.</summary>
    TooMany,
}

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
        RoleFaultKind.Rollback or RoleFaultKind.Equivocation => "Do not install from this copy of the registry: take another mirror, and tell who keeps it.",
        RoleFaultKind.Backstop => "This copy of the registry is older than this program: take another mirror.",
        _ => "Do not install from this copy of the registry: take another mirror, or ask who keeps it.",
    };

    /// <inheritdoc/>
    public override string ToString() => $"{File}: {Reason}. {WhatToDo}";
}

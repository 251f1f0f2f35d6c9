using System.Diagnostics.CodeAnalysis;

namespace Estream.Marketplace.Trust.Roles;

/// <summary>What came of asking a registry: what it says, or why it is not believed. Immutable.</summary>
public sealed class TrustOutcome
{
    internal TrustOutcome(TrustedRoles roles) => Roles = roles;

    internal TrustOutcome(RoleFault fault) => Fault = fault;

    /// <summary>Whether every check was passed.</summary>
    [MemberNotNullWhen(true, nameof(Roles))]
    [MemberNotNullWhen(false, nameof(Fault))]
    public bool IsTrusted => Roles is not null;

    /// <summary>What the registry says.</summary>
    public TrustedRoles? Roles { get; }

    /// <summary>The first check that was not passed.</summary>
    public RoleFault? Fault { get; }
}

using Estream.Wire.Fhir.Resources;

namespace Estream.Wire.Fhir.Access;

/// <summary>An active or inactive Consent, as far as access to resources depends on it. Immutable.</summary>
/// <param name="IsActive">Whether the consent is in force: active, and about privacy.</param>
/// <param name="Base">The policy rule: true to permit (OPTIN), false to deny (OPTOUT), null if there is none that is known.</param>
/// <param name="Rule">The provision; null if there is none.</param>
/// <param name="IsUnderstood">False if a modifier extension may change the meaning; access is then denied.</param>
internal sealed record ConsentRecord(bool IsActive, bool? Base, ConsentProvision? Rule, bool IsUnderstood);

/// <summary>A provision. A list that is empty matches everything. Immutable.</summary>
internal sealed record ConsentProvision
{
    /// <summary>True to permit, false to deny, null for a provision without a type.</summary>
    public bool? IsPermit { get; init; }

    /// <summary>When the provision is in force; null for always.</summary>
    public FactPeriod? Period { get; init; }

    /// <summary>The requesters, by reference; an empty text is an actor that cannot be compared.</summary>
    public IReadOnlyList<string> Actors { get; init; } = [];

    /// <summary>The codes of the actions.</summary>
    public IReadOnlyList<string> Actions { get; init; } = [];

    /// <summary>The security labels.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>The codes of the purposes of use.</summary>
    public IReadOnlyList<string> Purposes { get; init; } = [];

    /// <summary>The resource types; an empty text is a class that cannot be compared.</summary>
    public IReadOnlyList<string> Classes { get; init; } = [];

    /// <summary>The codes of resources; an empty code is one that cannot be compared.</summary>
    public IReadOnlyList<FactToken> Codes { get; init; } = [];

    /// <summary>The period of the data; null for any.</summary>
    public FactPeriod? DataPeriod { get; init; }

    /// <summary>The resources, as in <c>Observation/2</c>; an empty text is one that cannot be compared.</summary>
    public IReadOnlyList<string> Data { get; init; } = [];

    /// <summary>The exceptions from this provision.</summary>
    public IReadOnlyList<ConsentProvision> Exceptions { get; init; } = [];

    /// <summary>Whether a modifier extension may change the meaning.</summary>
    public bool HasModifier { get; init; }

    /// <summary>Whether the provision restricts nothing and only groups exceptions.</summary>
    public bool IsGroup => IsPermit is null && Period is null && DataPeriod is null && !HasModifier
        && Actors.Count + Actions.Count + Labels.Count + Purposes.Count + Classes.Count + Codes.Count + Data.Count == 0;
}

using Estream.Wire.Fhir.Resources;

namespace Estream.Wire.Fhir.Access;

/// <summary>The holder of a token, and what the token permits. Immutable.</summary>
internal sealed record FhirPrincipal
{
    /// <summary>The principal of a server without tokens.</summary>
    public static FhirPrincipal Anyone { get; } = new() { Name = "", Scopes = SmartScope.All };

    /// <summary>The name in the file of tokens.</summary>
    public required string Name { get; init; }

    /// <summary>The scopes.</summary>
    public required IReadOnlyList<SmartScope> Scopes { get; init; }

    /// <summary>The references that consents know the principal by, as in <c>Practitioner/f204</c>.</summary>
    public IReadOnlyList<string> Actors { get; init; } = [];

    /// <summary>The purposes of use, as in TREAT.</summary>
    public IReadOnlyList<string> Purposes { get; init; } = [];

    /// <summary>The patient that <c>patient/</c> scopes are about, as in <c>Patient/23</c>; null for none.</summary>
    public string? Patient { get; init; }

    /// <summary>When the token stops being valid, UTC; null for never.</summary>
    public DateTime? Expires { get; init; }

    /// <summary>Collects what a request of the principal reads; null if reads are not recorded.</summary>
    public AccessTrail? Trail { get; init; }

    /// <summary>Whether a scope permits an interaction with some resources of a type.</summary>
    public bool MayTry(string type, SmartAction action) => Scopes.Any(scope => scope.Covers(type, action));

    /// <summary>Whether a scope permits an interaction with a resource.</summary>
    public bool May(SmartAction action, ResourceFacts facts) => Scopes.Any(scope => scope.Permits(action, facts, Patient));

    /// <summary>Whether a scope permits a write of the identifiers of a patient. Scopes of a patient permit no change: identifiers lead to
    /// consents and data, so a client could add the identifier of another person to its own record.</summary>
    /// <param name="action">The interaction.</param>
    /// <param name="before">The facts of the version before; null for a new resource.</param>
    /// <param name="facts">The facts of the new version.</param>
    public bool MayIdentify(SmartAction action, ResourceFacts? before, ResourceFacts facts) => facts.Type != FhirTypes.Patient
        || Scopes.Any(scope => !scope.IsPatient && scope.Permits(action, facts, Patient))
        || facts.Patients.ToHashSet(StringComparer.Ordinal).SetEquals(before?.Patients ?? facts.Patients.Take(1));
}

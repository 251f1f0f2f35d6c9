namespace Estream.Wire.Fhir.Search;

/// <summary>A chained parameter (FHIR R4, 3.1.1.5.2), as in <c>patient.identifier</c>. Immutable.</summary>
/// <param name="Name">The reference parameter before the first dot.</param>
/// <param name="Target">The search of the resources that the reference names.</param>
internal sealed record ChainedParameter(string Name, SearchQuery Target);

/// <summary>What a query is used for.</summary>
internal enum QueryUse
{
    /// <summary>A condition, a scope, a conditional reference or the criteria of a subscription: only parameters of the resource itself.
    /// </summary>
    Filter,

    /// <summary>A search: also chained parameters and an order.</summary>
    Search,

    /// <summary>A search that ignores unknown parameters (FHIR R4, 3.1.1.3).</summary>
    LenientSearch,
}

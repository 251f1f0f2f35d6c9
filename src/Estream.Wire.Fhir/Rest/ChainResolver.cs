using Estream.Wire.Fhir.Access;
using Estream.Wire.Fhir.Search;

namespace Estream.Wire.Fhir.Rest;

/// <summary>Replaces the chained parameters of a search by references to the resources that they match. A resource that scopes or consents
/// keep from the client matches no chained parameter. Stateless and thread-safe.</summary>
internal sealed class ChainResolver(ReadAccess access)
{
    /// <summary>The maximum number of resources that a chained parameter can match.</summary>
    public const int MaxMatches = 1_000;

    /// <summary>Resolves a search.</summary>
    /// <param name="principal">The client.</param>
    /// <param name="query">The search.</param>
    /// <param name="budget">What the search may cost.</param>
    /// <param name="resolved">The search without chained parameters.</param>
    /// <returns>The failure; null if the search is resolved.</returns>
    public FhirResponse? Resolve(FhirPrincipal principal, SearchQuery query, ScanBudget budget, out SearchQuery resolved)
    {
        resolved = query;
        List<SearchCriterion> criteria = [];
        foreach (ChainedParameter chain in query.Chains)
        {
            if (!principal.MayTry(chain.Target.Type, SmartAction.Search))
            {
                return ReadHandler.Refuse(AccessDecision.OutOfScope);
            }

            if (Resolve(principal, chain.Target, budget, out SearchQuery target) is { } failure)
            {
                return failure;
            }

            string[] references =
                [.. access.Find(principal, target, budget).Take(MaxMatches + 1).Select(one => $"{one.Entry.Type}/{one.Entry.Id}")];
            if (references.Length > MaxMatches)
            {
                return Outcome.Fail(400, "too-costly", $"A chained parameter matches more than {MaxMatches} resources. Narrow it.");
            }

            criteria.Add(SearchCriterion.OfReferences(chain.Name, references));
        }

        resolved = criteria.Count == 0 ? query : query.Resolve(criteria);
        return null;
    }
}

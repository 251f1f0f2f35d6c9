using Estream.Wire.Fhir.Access;
using Estream.Wire.Fhir.Rest;
using Estream.Wire.Fhir.Store;

namespace Estream.Wire.Fhir.Subscriptions;

/// <summary>What the senders of one server share. Thread-safe.</summary>
/// <param name="Store">The resources.</param>
/// <param name="Access">Checks scopes and consents.</param>
/// <param name="Channel">Sends notifications.</param>
/// <param name="Tokens">Returns the present tokens; null for a server without tokens.</param>
/// <param name="Events">Reports subscriptions that fail.</param>
/// <param name="Counters">Counts notifications and failed subscriptions.</param>
/// <param name="Accesses">Records notifications; null to record none.</param>
internal sealed record SubscriptionServices(
    ResourceStore Store, ReadAccess Access, RestHookChannel Channel, Func<FhirTokens>? Tokens, AdapterEventLog Events,
    FhirCounters Counters, AccessLog? Accesses);

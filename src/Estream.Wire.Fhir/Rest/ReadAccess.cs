using Estream.Core;
using Estream.Wire.Fhir.Access;
using Estream.Wire.Fhir.Resources;
using Estream.Wire.Fhir.Search;
using Estream.Wire.Fhir.Store;

namespace Estream.Wire.Fhir.Rest;

/// <summary>
/// The only way to the text of a resource: checks scopes and consents before it reads. Every read path uses it: read, vread, history,
/// search, chained parameters, includes, patch, conditional references, bundles and subscriptions. Thread-safe.
/// </summary>
/// <param name="store">The resources.</param>
/// <param name="clock">The clock for the periods of consents.</param>
/// <param name="isPermitDefault">Whether access without a rule of any consent is permitted.</param>
internal sealed class ReadAccess(ResourceStore store, IClock clock, bool isPermitDefault)
{
    /// <summary>The maximum number of resources that a condition may examine: writers wait meanwhile.</summary>
    public const int MaxConditionCandidates = 10_000;

    private long _denials;

    /// <summary>The number of resources that a consent has denied.</summary>
    public long Denials => Volatile.Read(ref _denials);

    /// <summary>The present resources that match a search and that scopes and consents let a principal find, in any order. Examines the
    /// resources in chunks, so that writers wait for one chunk at most. The caller must not hold the lock of the index.</summary>
    /// <param name="principal">The client.</param>
    /// <param name="query">The search.</param>
    /// <param name="budget">What the search may cost.</param>
    /// <exception cref="TooCostlyException">The budget is spent.</exception>
    /// <exception cref="OperationCanceledException">The client has left.</exception>
    public IEnumerable<FoundResource> Find(FhirPrincipal principal, SearchQuery query, ScanBudget budget)
    {
        // The list of a type only grows, so it is not copied.
        ResourceEntry[]? candidates = store.Read(index =>
            index.Candidates(query) is var found && ReferenceEquals(found, index.OfType(query.Type)) ? null : found.ToArray());
        bool isEnd = false;
        for (int first = 0; !isEnd; first += ScanBudget.Chunk)
        {
            List<FoundResource> found = [];
            int start = first;
            isEnd = store.Read(index =>
            {
                IReadOnlyList<ResourceEntry> all = candidates ?? index.OfType(query.Type);
                int end = Math.Min(start + ScanBudget.Chunk, all.Count);
                budget.Spend(end - start);
                for (int i = start; i < end; i++)
                {
                    ResourceEntry entry = all[i];
                    if (!entry.IsDeleted && query.Matches(entry.Facts, entry.Id, entry.Current.LastUpdated)
                        && Decide(principal, SmartAction.Search, entry, index) == AccessDecision.Permitted)
                    {
                        found.Add(new FoundResource(entry, entry.Facts, entry.Current.LastUpdated));
                    }
                }

                return end == all.Count;
            });
            foreach (FoundResource one in found)
            {
                yield return one;
            }
        }
    }

    /// <summary>How many resources a search has to examine.</summary>
    public int CountCandidates(SearchQuery query) => store.Read(index => index.Candidates(query).Count);

    /// <summary>Whether scopes and consents permit a principal to read the present version of a resource.</summary>
    public AccessDecision Decide(FhirPrincipal principal, SmartAction action, ResourceEntry entry, ResourceIndex index) =>
        Decide(principal, action, entry.Facts, entry.Id, index);

    /// <summary>Decides about the present version of a resource, for a read of one or several of its versions.</summary>
    public PresentAccess DecidePresent(FhirPrincipal principal, SmartAction action, ResourceEntry entry, ResourceIndex index) =>
        new(Decide(principal, action, entry, index), entry.Current.Number);

    /// <summary>Reads a version for a principal.</summary>
    /// <param name="principal">The reader.</param>
    /// <param name="action">The interaction.</param>
    /// <param name="entry">The resource.</param>
    /// <param name="version">The version.</param>
    /// <param name="text">The resource; null after a delete.</param>
    public AccessDecision TryRead(
        FhirPrincipal principal, SmartAction action, ResourceEntry entry, ResourceVersion version, out byte[]? text) =>
        TryRead(principal, action, entry, version, store.Read(index => DecidePresent(principal, action, entry, index)), out text);

    /// <summary>Reads a version for a principal, after a decision about the present version.</summary>
    /// <param name="principal">The reader.</param>
    /// <param name="action">The interaction.</param>
    /// <param name="entry">The resource.</param>
    /// <param name="version">The version.</param>
    /// <param name="present">The decision about the present version.</param>
    /// <param name="text">The resource; null after a delete.</param>
    /// <remarks>An earlier version can be about another patient, so that the consents of both decide.</remarks>
    public AccessDecision TryRead(
        FhirPrincipal principal, SmartAction action, ResourceEntry entry, ResourceVersion version, PresentAccess present, out byte[]? text)
    {
        text = null;
        AccessDecision decision = present.Decision;
        if (decision != AccessDecision.Permitted)
        {
            return decision;
        }

        byte[]? read = store.ReadText(version);
        if (read is not null && version.Number != present.Version)
        {
            using System.Text.Json.JsonDocument? json = ResourceStore.TryParse(read);
            ResourceFacts facts = store.Facts.Read(json!.RootElement, entry.Type, entry.Id);
            decision = store.Read(index => Decide(principal, action, facts, entry.Id, index));
        }

        text = decision == AccessDecision.Permitted ? read : null;
        if (text is not null)
        {
            principal.Trail?.Add(entry);
        }

        return decision;
    }

    /// <summary>Whether scopes and consents permit a principal to read a resource with these facts.</summary>
    public AccessDecision Decide(FhirPrincipal principal, SmartAction action, ResourceFacts facts, string id, ResourceIndex index)
    {
        if (!principal.May(action, facts))
        {
            return AccessDecision.OutOfScope;
        }

        long now = FhirText.ToDateTime(clock.UtcNanos).Ticks;
        bool? consent = facts.Type == FhirTypes.Subscription ? true : ConsentDecision.Decide(
            index.ConsentsOf(facts), new ConsentRequest(principal, facts, id, new FactPeriod(now, now + 1)));
        if (consent ?? isPermitDefault)
        {
            return AccessDecision.Permitted;
        }

        Interlocked.Increment(ref _denials);
        return AccessDecision.Denied;
    }
}

/// <summary>A resource that matches a search.</summary>
/// <param name="Entry">The resource.</param>
/// <param name="Facts">The facts of the version that matches.</param>
/// <param name="LastUpdated">The time of the version, nanoseconds since 1970 UTC.</param>
internal readonly record struct FoundResource(ResourceEntry Entry, ResourceFacts Facts, long LastUpdated);

/// <summary>The decision about the present version of a resource.</summary>
/// <param name="Decision">The decision.</param>
/// <param name="Version">The number of the version.</param>
internal readonly record struct PresentAccess(AccessDecision Decision, long Version);

/// <summary>The outcome of a check.</summary>
internal enum AccessDecision
{
    /// <summary>The principal may read.</summary>
    Permitted,

    /// <summary>No scope of the token covers the resource.</summary>
    OutOfScope,

    /// <summary>A consent denies, or no consent permits.</summary>
    Denied,
}

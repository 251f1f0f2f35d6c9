using Estream.Fhir;
using Estream.Wire.Fhir.Access;
using Estream.Wire.Fhir.Resources;
using Estream.Wire.Fhir.Rest;
using Estream.Wire.Fhir.Search;
using Estream.Wire.Fhir.Store;

namespace Estream.Wire.Fhir.Subscriptions;

/// <summary>
/// Notifies rest-hook subscriptions of changes (FHIR R4, 2.47.4), in the order of the log and at least once. A subscriber gets what its
/// token may read: scopes and consents are checked for each notification. A subscription whose endpoint fails repeatedly is left out until
/// its next version, or the next start. One thread at a time.
/// </summary>
internal sealed class SubscriptionSender(ResourceStore store, ReadAccess access, ISubscriptionChannel channel, Func<FhirTokens>? tokens)
{
    private const int MaxAttempts = 5;

    private static readonly TimeSpan s_firstWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_maxWait = TimeSpan.FromSeconds(5);

    private readonly HashSet<string> _failed = new(StringComparer.Ordinal);
    private long _sent;

    /// <summary>The number of notifications that endpoints accepted.</summary>
    public long Sent => Volatile.Read(ref _sent);

    /// <summary>The number of subscriptions that were given up.</summary>
    public int Failed { get; private set; }

    /// <summary>Notifies the subscriptions that changes match.</summary>
    public async Task ReceiveAsync(IReadOnlyList<ResourceChange> changes, CancellationToken cancellation)
    {
        foreach (ResourceChange change in changes)
        {
            if (change.Interaction == Interaction.Delete || change.Type == FhirTypes.Subscription)
            {
                continue;
            }

            List<ResourceEntry> active = store.Read(static index => index.OfType(FhirTypes.Subscription)
                .Where(static entry => !entry.IsDeleted && entry.Facts.Subscription!.Status == "active").ToList());
            foreach (ResourceEntry subscription in active)
            {
                await NotifyAsync(subscription, change, cancellation).ConfigureAwait(false);
            }
        }
    }

    private async Task NotifyAsync(ResourceEntry subscription, ResourceChange change, CancellationToken cancellation)
    {
        SubscriptionFacts facts = store.Read(_ => subscription.Facts.Subscription!);
        string version = $"{subscription.Id}/{store.Read(_ => subscription.Current.Number)}";
        if (_failed.Contains(version) || change.LastUpdated < store.Read(_ => subscription.Current.LastUpdated)
            || !IsMatch(facts, change) || !MayRead(subscription, change))
        {
            return;
        }

        Backoff backoff = new(s_firstWait, s_maxWait, Random.Shared);
        for (int attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            if (await channel.TrySendAsync(facts, change, cancellation).ConfigureAwait(false))
            {
                Interlocked.Increment(ref _sent);
                return;
            }

            await Task.Delay(backoff.Next(), cancellation).ConfigureAwait(false);
        }

        _failed.Add(version);
        Failed = _failed.Count;
    }

    private static bool IsMatch(SubscriptionFacts facts, ResourceChange change)
    {
        (string[] path, string query) = FhirRequest.Split(facts.Criteria);
        return path.Length == 1 && path[0] == change.Type
            && SearchQuery.TryParse(path[0], QueryText.Parse(query), out SearchQuery? search, out _)
            && search.Matches(change.Facts, change.Id, change.LastUpdated);
    }

    /// <summary>Whether the token that wrote the subscription still exists and may read the version.</summary>
    private bool MayRead(ResourceEntry subscription, ResourceChange change)
    {
        FhirPrincipal? principal = tokens is null ? FhirPrincipal.Anyone : tokens().FindName(store.Read(_ => subscription.Author));
        return principal is not null && store.Read(index => access.Decide(principal, SmartAction.Read, change.Facts, change.Id, index))
            == AccessDecision.Permitted;
    }
}

/// <summary>Sends notifications.</summary>
internal interface ISubscriptionChannel
{
    /// <summary>Sends a notification once.</summary>
    /// <returns>False if the endpoint did not accept it.</returns>
    Task<bool> TrySendAsync(SubscriptionFacts subscription, ResourceChange change, CancellationToken cancellation);
}

using Estream.Core;
using Estream.Fhir;
using Estream.Queue;
using Estream.Wire.Fhir.Access;
using Estream.Wire.Fhir.Resources;
using Estream.Wire.Fhir.Rest;
using Estream.Wire.Fhir.Search;
using Estream.Wire.Fhir.Store;

namespace Estream.Wire.Fhir.Subscriptions;

/// <summary>
/// Reads the log of commits, and hands each change to the senders of the subscriptions that it matches. A slow endpoint delays only its own
/// subscription. The position of the commits whose notifications are all finished is stored in the log, so a server on another host
/// continues there. After a crash, the notifications of about the last second are sent again (at least once). Not thread-safe.
/// </summary>
internal sealed class SubscriptionPump(SubscriptionServices services, string name, IClock clock)
{
    private const int MaxUnstored = 256;

    private static readonly TimeSpan s_advanceInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_roomInterval = TimeSpan.FromMilliseconds(20);

    private readonly Dictionary<string, SubscriptionSender> _senders = new(StringComparer.Ordinal);
    private bool _isCatchingUp = true;
    private int _unstored;
    private long _storedAt;

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        long? earlier = services.Store.FindEarlierPosition(name);
        using QueueTailer finished = services.Store.CreateConsumer(null, name, earlier);
        if (earlier is not null)
        {
            services.Store.TryStoreProgress(finished);
            services.Store.ForgetEarlierPosition(name);
        }

        using QueueTailer reader = services.Store.CreateTailer();
        try
        {
            long first = await FindFirstAsync(finished, cancellation).ConfigureAwait(false);
            reader.Seek(first);
            long last = first - 1;
            while (!cancellation.IsCancellationRequested)
            {
                while (services.Store.TryRead(reader, out long position, out IReadOnlyList<ResourceChange> changes))
                {
                    last = position;
                    await services.Store.WaitConfirmedAsync(last, cancellation).ConfigureAwait(false);
                    await DispatchAsync(changes, stop.Token).ConfigureAwait(false);
                    Advance(finished, last);
                }

                _isCatchingUp = false;
                Advance(finished, last);
                await reader.WaitToReadAsync(s_advanceInterval, cancellation).ConfigureAwait(false);
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            foreach (SubscriptionSender sender in _senders.Values)
            {
                await sender.Run.ConfigureAwait(false);
                sender.Dispose();
            }

            if (_unstored > 0)
            {
                services.Store.TryStoreProgress(finished);
            }
        }
    }

    /// <summary>Waits for the first commit whose notifications are not finished. Reading from the named tailer would finish it.</summary>
    private static async Task<long> FindFirstAsync(QueueTailer finished, CancellationToken cancellation)
    {
        long position;
        while (!TryPeek(finished, out position))
        {
            await finished.WaitToReadAsync(cancellation).ConfigureAwait(false);
        }

        return position;
    }

    private static bool TryPeek(QueueTailer tailer, out long position)
    {
        bool isThere = tailer.TryPeek(out QueueMessage message);
        position = isThere ? message.Position : -1;
        return isThere;
    }

    /// <summary>Moves the position past finished commits, and stores it now and then.</summary>
    /// <param name="finished">The tailer at the first commit that is not finished.</param>
    /// <param name="last">The last commit that was handed to senders.</param>
    private void Advance(QueueTailer finished, long last)
    {
        foreach ((string id, SubscriptionSender sender) in _senders.Where(pair => pair.Value.Run.IsCompleted).ToList())
        {
            _senders.Remove(id);
            sender.Dispose();
        }

        long oldest = _senders.Values.Select(sender => sender.Oldest).DefaultIfEmpty(long.MaxValue).Min();
        while (TryPeek(finished, out long position) && position <= last && position < oldest)
        {
            finished.TryRead(out _);
            _unstored++;
        }

        long now = clock.MonotonicNanos;
        bool isDue = _unstored >= MaxUnstored || (_unstored > 0 && now - _storedAt >= s_advanceInterval.TotalNanoseconds);
        if (isDue && services.Store.TryStoreProgress(finished))
        {
            _unstored = 0;
            _storedAt = now;
        }
    }

    private async Task DispatchAsync(IReadOnlyList<ResourceChange> changes, CancellationToken stop)
    {
        foreach (ResourceChange change in changes)
        {
            if (change.Type == FhirTypes.Subscription)
            {
                await StopInactiveAsync(change).ConfigureAwait(false);
                continue;
            }

            if (change.Interaction == Interaction.Delete)
            {
                continue;
            }

            foreach ((ResourceEntry subscription, ResourceEntry resource, ResourceVersion version) in services.Store.Read(
                index => Matches(index, change)))
            {
                if (!_senders.TryGetValue(subscription.Id, out SubscriptionSender? sender))
                {
                    _senders.Add(subscription.Id, sender = new SubscriptionSender(services, subscription, stop));
                }

                // The commits that the server finds at its start must not fail a subscription, whatever their number.
                while (_isCatchingUp && sender.IsFull && !sender.Run.IsCompleted)
                {
                    await Task.Delay(s_roomInterval, stop).ConfigureAwait(false);
                }

                sender.Add(resource, version);
            }
        }
    }

    private async Task StopInactiveAsync(ResourceChange change)
    {
        bool isActive = change.Interaction != Interaction.Delete && change.Facts.Subscription?.Status == "active";
        if (!isActive && _senders.Remove(change.Id, out SubscriptionSender? sender))
        {
            await sender.StopAsync().ConfigureAwait(false);
            sender.Dispose();
        }
    }

    /// <summary>The active subscriptions that a change matches and that are older than it.</summary>
    private List<(ResourceEntry Subscription, ResourceEntry Resource, ResourceVersion Version)> Matches(
        ResourceIndex index, ResourceChange change)
    {
        ResourceEntry? resource = index.Find(change.Type, change.Id);
        return resource is null || resource.Versions.Count < change.Version ? []
            : [.. index.OfType(FhirTypes.Subscription)
                .Where(entry => !entry.IsDeleted && entry.Facts.Subscription is { Status: "active" } facts
                    && change.LastUpdated >= entry.Current.LastUpdated && IsMatch(facts, change))
                .Select(entry => (entry, resource, resource.Versions[(int)change.Version - 1]))];
    }

    private bool IsMatch(SubscriptionFacts facts, ResourceChange change)
    {
        (string[] path, string query) = FhirRequest.Split(facts.Criteria);
        return path.Length == 1 && path[0] == change.Type
            && SearchQuery.TryParse(path[0], QueryText.Parse(query), QueryUse.Filter, services.Store.Facts.Urls,
                out SearchQuery? search, out _)
            && search.Matches(change.Facts, change.Id, change.LastUpdated);
    }
}

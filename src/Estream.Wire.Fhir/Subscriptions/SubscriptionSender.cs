using System.Text.Json;
using System.Text.Json.Nodes;
using Estream.Core;
using Estream.Fhir;
using Estream.Wire.Fhir.Access;
using Estream.Wire.Fhir.Resources;
using Estream.Wire.Fhir.Rest;
using Estream.Wire.Fhir.Store;

namespace Estream.Wire.Fhir.Subscriptions;

/// <summary>
/// Notifies one subscription, in the order of the log. A subscriber gets what its token may read when the notification is sent. A
/// subscription whose endpoint fails repeatedly, or is too slow, gets the status error (FHIR R4, 2.47.3); its pending notifications are
/// dropped. Thread-safe.
/// </summary>
internal sealed class SubscriptionSender : IDisposable
{
    /// <summary>The maximum number of pending notifications.</summary>
    public const int MaxPending = 1_000;

    private const int MaxAttempts = 5;

    private static readonly TimeSpan s_firstWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_maxWait = TimeSpan.FromSeconds(5);

    private readonly SubscriptionServices _services;
    private readonly ResourceEntry _subscription;
    private readonly Queue<Notification> _pending = new();
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _signal = new(0);
    private readonly CancellationTokenSource _stop;
    private bool _isFull;
    private bool _hasFailed;

    public SubscriptionSender(SubscriptionServices services, ResourceEntry subscription, CancellationToken cancellation)
    {
        _services = services;
        _subscription = subscription;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Run = RunAsync(cancellation);
    }

    /// <summary>Completes when the subscription has failed, or after it was stopped. Never fails.</summary>
    public Task Run { get; }

    /// <summary>The position of the oldest commit with a pending notification; <see cref="long.MaxValue"/> for none.</summary>
    public long Oldest
    {
        get
        {
            lock (_gate)
            {
                return _pending.TryPeek(out Notification first) ? first.Version.Position : long.MaxValue;
            }
        }
    }

    /// <summary>Whether the maximum number of notifications is pending.</summary>
    public bool IsFull
    {
        get
        {
            lock (_gate)
            {
                return _pending.Count == MaxPending;
            }
        }
    }

    /// <summary>Adds a notification. Does not wait: the subscription fails if too many are pending.</summary>
    public void Add(ResourceEntry resource, ResourceVersion version)
    {
        lock (_gate)
        {
            if (_hasFailed)
            {
                return;
            }

            _isFull = _pending.Count == MaxPending;
            if (!_isFull)
            {
                _pending.Enqueue(new Notification(resource, version));
                _signal.Release();
                return;
            }
        }

        _stop.Cancel();
    }

    /// <summary>Drops the pending notifications, because the subscription is no longer active.</summary>
    public Task StopAsync()
    {
        _stop.Cancel();
        return Run;
    }

    public void Dispose()
    {
        _stop.Dispose();
        _signal.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellation)
    {
        string reason = $"more than {MaxPending} notifications are pending";
        long version = 0;
        try
        {
            while (true)
            {
                await _signal.WaitAsync(_stop.Token).ConfigureAwait(false);
                version = _services.Store.Read(_ => _subscription.Current.Number);
                if (await SendAsync(Peek(), _stop.Token).ConfigureAwait(false) is { } failure)
                {
                    reason = failure.Reason;
                    break;
                }

                lock (_gate)
                {
                    _pending.Dequeue();
                }
            }
        }
        catch (OperationCanceledException)
        {
            if (!_isFull || cancellation.IsCancellationRequested)
            {
                return;
            }

            version = _services.Store.Read(_ => _subscription.Current.Number);
        }

        await FailAsync(version, reason, cancellation).ConfigureAwait(false);
    }

    private Notification Peek()
    {
        lock (_gate)
        {
            return _pending.Peek();
        }
    }

    /// <returns>Why the subscription has failed; null if it goes on.</returns>
    private async Task<NotificationFailure?> SendAsync(Notification notification, CancellationToken cancellation)
    {
        Backoff backoff = new(s_firstWait, s_maxWait, Random.Shared);
        NotificationFailure? failure = null;
        for (int attempt = 1; attempt <= MaxAttempts && failure is not { IsFinal: true }; attempt++)
        {
            if (attempt > 1)
            {
                await Task.Delay(backoff.Next(), cancellation).ConfigureAwait(false);
            }

            failure = await SendOnceAsync(notification, cancellation).ConfigureAwait(false);
            if (failure is null)
            {
                return null;
            }
        }

        return failure;
    }

    private async Task<NotificationFailure?> SendOnceAsync(Notification notification, CancellationToken cancellation)
    {
        (SubscriptionFacts? facts, string author) = _services.Store.Read(
            _ => (_subscription.IsDeleted ? null : _subscription.Facts.Subscription, _subscription.Author));
        FhirPrincipal? principal = _services.Tokens is { } tokens ? tokens().FindName(author) : FhirPrincipal.Anyone;
        if (facts is not { Status: "active" } || principal is null)
        {
            return null;
        }

        try
        {
            (ResourceEntry resource, ResourceVersion version) = notification;
            AccessTrail trail = new();
            AccessDecision decision = _services.Access.TryRead(
                principal with { Trail = trail }, SmartAction.Read, resource, version, out byte[]? text);
            if (decision != AccessDecision.Permitted || text is null)
            {
                return null;
            }

            if (facts.Payload.Length > 0 && _services.Accesses?.TryAdd(author, "notification", resource.Type, 200, trail) == false)
            {
                return new NotificationFailure("the queue of access records cannot be written");
            }

            NotificationFailure? failure = await _services.Channel.TrySendAsync(
                facts, $"{resource.Type}/{resource.Id}", text, cancellation).ConfigureAwait(false);
            _services.Counters.CountNotification(failure is null);
            return failure;
        }
        catch (EstreamException)
        {
            return new NotificationFailure("the resource cannot be read from the queue");
        }
    }

    /// <summary>Gives the subscription the status error, unless a client has written it meanwhile. Tries again while the queue cannot be
    /// written.</summary>
    private async Task FailAsync(long version, string reason, CancellationToken cancellation)
    {
        lock (_gate)
        {
            _hasFailed = true;
            _pending.Clear();
        }

        string author = _services.Store.Read(_ => _subscription.Author);
        _services.Counters.FailSubscription();
        _services.Events.Report(AdapterEventKind.Degraded,
            $"A subscription{(author.Length > 0 ? $" of '{author}'" : "")} failed, and has the status error: {reason}.");
        while (!cancellation.IsCancellationRequested && !TryStoreError(version, reason))
        {
            await Task.Delay(s_maxWait, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private bool TryStoreError(long version, string reason)
    {
        ResourceStore store = _services.Store;
        try
        {
            lock (store.Writing)
            {
                (ResourceVersion current, string author) = store.Read(_ => (_subscription.Current, _subscription.Author));
                byte[]? text = current.Number == version ? store.ReadText(current) : null;
                if (text is null)
                {
                    return true;
                }

                JsonNode node = JsonNode.Parse(text)!;
                node["status"] = "error";
                node["error"] = reason;
                ResourceStamp stamp = new(_subscription.Type, _subscription.Id, version + 1, store.NextTime());
                byte[] stamped = ResourceText.Stamp(JsonSerializer.SerializeToUtf8Bytes(node), stamp);
                using JsonDocument json = JsonDocument.Parse(stamped);
                ResourceChange change = new(stamp.Type, stamp.Id, stamp.Version, stamp.LastUpdated, Interaction.Update, stamped,
                    store.Facts.Read(json.RootElement, stamp.Type, stamp.Id)) { Author = author };
                return store.Commit([change], author).Status != CommitStatus.Blocked;
            }
        }
        catch (EstreamException)
        {
            return false;
        }
    }

    private readonly record struct Notification(ResourceEntry Resource, ResourceVersion Version);
}

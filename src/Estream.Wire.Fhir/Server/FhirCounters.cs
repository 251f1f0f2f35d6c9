using Estream.Wire.Fhir.Store;

namespace Estream.Wire.Fhir;

/// <summary>The counts of a server. Contains no value of a resource. Thread-safe.</summary>
internal sealed class FhirCounters
{
    private long _requests;
    private long _rejected;
    private long _bytes;
    private long _notifications;
    private long _failedNotifications;
    private long _failedSubscriptions;

    public long Requests => Volatile.Read(ref _requests);

    public long Rejected => Volatile.Read(ref _rejected);

    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>The counts of refusals by reason. Set before the first request.</summary>
    public AdapterRejections? Rejections { get; set; }

    /// <summary>Counts an answered request.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="code">The code of the issue; empty after a success.</param>
    /// <param name="bytes">The length of the body.</param>
    public void Count(int status, string code, long bytes)
    {
        Interlocked.Increment(ref _requests);
        Interlocked.Add(ref _bytes, bytes);
        if (status >= 400)
        {
            Interlocked.Increment(ref _rejected);

            // Without the text of the issue, which may quote a resource.
            Rejections?.Add(code.Length == 0 ? $"HTTP {status}" : $"HTTP {status} {code}");
        }
    }

    /// <summary>Counts an attempt to send a notification.</summary>
    public void CountNotification(bool isAccepted) => Interlocked.Increment(ref isAccepted ? ref _notifications : ref _failedNotifications);

    /// <summary>Counts a subscription that got the status error.</summary>
    public void FailSubscription() => Interlocked.Increment(ref _failedSubscriptions);

    public AdapterMetrics ToMetrics(string adapter, Func<long> denials, ResourceStore store) => new AdapterMetrics(adapter)
        .AddCounter("estream.fhir.requests", "{request}", "FHIR requests answered.", () => Requests)
        .AddCounter("estream.fhir.rejected", "{request}", "FHIR requests answered with an error.", () => Rejected)
        .AddCounter("estream.fhir.received_bytes", "By", "Bytes of the bodies of FHIR requests.", () => Bytes)
        .AddCounter("estream.fhir.consent_denials", "{resource}", "Resources that a consent kept from a reader.", denials)
        .AddCounter("estream.fhir.notifications", "{notification}", "FHIR notifications that endpoints accepted.",
            () => Volatile.Read(ref _notifications))
        .AddCounter("estream.fhir.failed_notifications", "{notification}", "Attempts to send FHIR notifications that failed.",
            () => Volatile.Read(ref _failedNotifications))
        .AddCounter("estream.fhir.failed_subscriptions", "{subscription}", "FHIR subscriptions that got the status error.",
            () => Volatile.Read(ref _failedSubscriptions))
        .AddGauge("estream.fhir.versions", "{version}", "Versions of resources in the log.", () => store.VersionCount)
        .AddCounter("estream.fhir.skipped_messages", "{message}", "Messages of the log that are not commits of the server.",
            () => store.Skipped.Count);
}

using Estream.Wire.Iso20022.Payments;

namespace Estream.Wire.Iso20022.Connections;

/// <summary>The counts of a client. Thread-safe.</summary>
internal sealed class ClientCounters : AdapterCounters
{
    private static readonly (PaymentState State, string Label)[] s_states =
    [
        (PaymentState.Sent, "sent"), (PaymentState.Accepted, "accepted"), (PaymentState.Rejected, "rejected"),
        (PaymentState.Settled, "settled"), (PaymentState.TimedOut, "timed_out"),
    ];

    private long _unpaired;
    private bool _hasConnected;

    public void CountUnpaired(int statuses) => Interlocked.Add(ref _unpaired, statuses);

    /// <summary>Counts a connection. One thread calls it.</summary>
    public void Connect()
    {
        if (_hasConnected)
        {
            Reconnect();
        }

        _hasConnected = true;
    }

    /// <summary>Registers the metrics of a client.</summary>
    /// <param name="adapter">The name of the client.</param>
    /// <param name="payments">The payments; null if the client sends none.</param>
    /// <param name="connected">Returns 1 while the peer is connected, otherwise 0.</param>
    public AdapterMetrics ToMetrics(string adapter, PaymentTable? payments, Func<long> connected)
    {
        AdapterMetrics metrics = new AdapterMetrics(adapter)
            .AddCounter("estream.iso20022.sent", "{message}", "ISO 20022 messages that the peer has received.", () => Emitted)
            .AddCounter("estream.iso20022.received", "{message}", "ISO 20022 messages received over connections.", () => Received)
            .AddCounter("estream.iso20022.received_bytes", "By", "Bytes of the ISO 20022 messages received over connections.", () => Bytes)
            .AddCounter("estream.iso20022.rejected", "{message}", "ISO 20022 messages and connections rejected.", () => Rejected)
            .AddCounter("estream.iso20022.send_refused", "{message}", "ISO 20022 messages that are not sent, or that the peer rejected.",
                () => Refused)
            .AddCounter("estream.iso20022.reconnects", "{connection}", "Reconnects to the peer.", () => Reconnects)
            .AddGauge("estream.iso20022.connected", "{connection}", "Whether the peer is connected.", connected);
        return payments is null ? metrics : metrics
            .AddCounter("estream.iso20022.unpaired", "{status}", "Reported statuses that name no known payment.",
                () => Volatile.Read(ref _unpaired))
            .AddGauge("estream.iso20022.payments", "{payment}", "Payments by state.", "state",
                () => s_states.Select(one => (one.Label, (long)payments.Count(one.State))));
    }
}

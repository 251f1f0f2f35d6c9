namespace Estream.Wire.Hl7.Transport;

/// <summary>The counts of a sender. Thread-safe.</summary>
internal sealed class Hl7SenderCounters
{
    private long _sent;
    private long _refused;
    private long _connects;

    public long Sent => Volatile.Read(ref _sent);

    public long Refused => Volatile.Read(ref _refused);

    public long Reconnects => Math.Max(0, Volatile.Read(ref _connects) - 1);

    public void Connect() => Interlocked.Increment(ref _connects);

    public void Count(EmitStatus status)
    {
        if (status.IsOk)
        {
            Interlocked.Increment(ref _sent);
        }
        else if (status.Code == EmitCode.Refused)
        {
            Interlocked.Increment(ref _refused);
        }
    }

    public AdapterMetrics ToMetrics(string adapter, Func<long> connected) => new AdapterMetrics(adapter)
        .AddCounter("estream.hl7.sent", "{message}", "HL7 messages that the receiver acknowledged.", () => Sent)
        .AddCounter("estream.hl7.refused", "{message}", "HL7 messages that the receiver refused.", () => Refused)
        .AddCounter("estream.hl7.reconnects", "{connection}", "Reconnects to the receiver.", () => Reconnects)
        .AddGauge("estream.hl7.connected", "{connection}", "Whether the receiver is connected.", connected);
}

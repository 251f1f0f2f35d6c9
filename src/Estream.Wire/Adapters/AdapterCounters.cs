namespace Estream.Wire;

/// <summary>The counts of an adapter. Thread-safe.</summary>
internal class AdapterCounters
{
    private long _received;
    private long _bytes;
    private long _rejected;
    private long _emitted;
    private long _refused;
    private long _reconnects;

    public long Received => Interlocked.Read(ref _received);

    public long Bytes => Interlocked.Read(ref _bytes);

    public long Rejected => Interlocked.Read(ref _rejected);

    public long Emitted => Interlocked.Read(ref _emitted);

    public long Refused => Interlocked.Read(ref _refused);

    public long Reconnects => Interlocked.Read(ref _reconnects);

    /// <summary>The counts as statistics.</summary>
    /// <param name="connections">The connections open now.</param>
    public AdapterStatistics ToStatistics(int connections) => new(connections, Received, Rejected, Bytes)
    {
        EmittedTotal = Emitted,
        EmitRefusedTotal = Refused,
        ReconnectsTotal = Reconnects,
    };

    public void Receive(int bytes)
    {
        Interlocked.Increment(ref _received);
        Interlocked.Add(ref _bytes, bytes);
    }

    public void CountMessage(int bytes, bool isAccepted)
    {
        Receive(bytes);
        if (!isAccepted)
        {
            Reject();
        }
    }

    public void Reject(int count = 1) => Interlocked.Add(ref _rejected, count);

    public void Reconnect() => Interlocked.Increment(ref _reconnects);

    public void CountEmit(in EmitStatus status)
    {
        if (status.IsOk)
        {
            Interlocked.Increment(ref _emitted);
        }
        else if (status.Code == EmitCode.Refused)
        {
            Interlocked.Increment(ref _refused);
        }
    }
}

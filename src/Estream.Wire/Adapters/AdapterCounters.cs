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

    /// <summary>The counts of refusals by reason; null if they are not counted by reason. Set it before the first message.</summary>
    public AdapterRejections? Rejections { get; set; }

    /// <summary>Counts a refused packet or connection, of which there is no dead letter.</summary>
    /// <param name="reason">The reason without values of the peer.</param>
    /// <param name="detail">The reason with values; null to use <paramref name="reason"/>.</param>
    /// <param name="peer">The peer; null if the peer is unknown or a part of <paramref name="detail"/>.</param>
    /// <param name="count">The number of packets.</param>
    public void Refuse(string reason, string? detail = null, string? peer = null, int count = 1)
    {
        Reject(count);
        Rejections?.Add(reason, detail, null, peer, count);
    }

    /// <summary>Counts dead letters, whose reasons the <see cref="IngressWriter"/> counts.</summary>
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

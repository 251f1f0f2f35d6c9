using System.Collections.Concurrent;
using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>The counters of one adapter. Thread-safe; connections add to them once per read, not once per message.</summary>
internal sealed class MqttCounters
{
    private static readonly ConcurrentDictionary<MqttReasonCode, string> s_names = new();

    private readonly ConcurrentDictionary<MqttReasonCode, StrongCount> _rejected = new();
    private readonly AdapterRejections _rejections;
    private readonly long[] _dropped = new long[Enum.GetValues<DropReason>().Length];
    private long _received;
    private long _bytes;
    private long _acknowledged;
    private long _deadLettered;
    private int _connections;
    private long _connectionsTotal;
    private long _sent;
    private long _emitted;
    private long _emitRefused;

    /// <param name="adapter">The name of the adapter.</param>
    /// <param name="rejections">Counts refusals by their text.</param>
    public MqttCounters(string adapter, AdapterRejections rejections)
    {
        Adapter = adapter;
        _rejections = rejections;
    }

    public string Adapter { get; }

    /// <summary>Reads the current sessions, subscriptions and backlog of an endpoint; null in an adapter that has no sessions.</summary>
    public Func<EndpointMetrics>? Figures { get; set; }

    public long Received => Interlocked.Read(ref _received);

    public long Bytes => Interlocked.Read(ref _bytes);

    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    public int Connections => Volatile.Read(ref _connections);

    public long ConnectionsTotal => Interlocked.Read(ref _connectionsTotal);

    public long Emitted => Interlocked.Read(ref _emitted);

    public long EmitRefused => Interlocked.Read(ref _emitRefused);

    /// <summary>The number of PUBLISH packets sent to subscribers.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    public IEnumerable<KeyValuePair<DropReason, long>> Dropped =>
        Enum.GetValues<DropReason>()
            .Select(reason => new KeyValuePair<DropReason, long>(reason, Interlocked.Read(ref _dropped[(int)reason])));

    /// <summary>The number of dead letters and refusals together.</summary>
    public long RejectedTotal => Interlocked.Read(ref _deadLettered) + _rejected.Values.Sum(count => count.Value);

    public IEnumerable<KeyValuePair<MqttReasonCode, long>> Rejected =>
        _rejected.Select(pair => new KeyValuePair<MqttReasonCode, long>(pair.Key, pair.Value.Value));

    public void AddReceived(in ReadTally tally)
    {
        Interlocked.Add(ref _received, tally.Messages);
        Interlocked.Add(ref _bytes, tally.Bytes);
        Interlocked.Add(ref _acknowledged, tally.Acknowledged);
        Interlocked.Add(ref _deadLettered, tally.DeadLettered);
    }

    /// <summary>Counts a refusal.</summary>
    /// <param name="reason">The reason code.</param>
    /// <param name="why">The text of the reason, without values of the peer; null for the name of the code.</param>
    /// <param name="peer">The peer; null if it is unknown.</param>
    public void Reject(MqttReasonCode reason, string? why, string? peer)
    {
        _rejected.GetOrAdd(reason, _ => new StrongCount()).Increment();
        _rejections.Add(why ?? s_names.GetOrAdd(reason, static code => $"{code} (0x{(byte)code:X2})"), null, null, peer);
    }

    public void AddSent(int count)
    {
        Interlocked.Add(ref _sent, count);
    }

    public void CountEmit(in EmitStatus status)
    {
        if (status.IsOk)
        {
            Interlocked.Increment(ref _emitted);
        }
        else if (status.Code == EmitCode.Refused)
        {
            Interlocked.Increment(ref _emitRefused);
        }
    }

    public void Drop(DropReason reason)
    {
        Interlocked.Increment(ref _dropped[(int)reason]);
    }

    public void Open()
    {
        Interlocked.Increment(ref _connections);
        Interlocked.Increment(ref _connectionsTotal);
    }

    public void Close()
    {
        Interlocked.Decrement(ref _connections);
    }

    private sealed class StrongCount
    {
        private long _value;

        public long Value => Interlocked.Read(ref _value);

        public void Increment()
        {
            Interlocked.Increment(ref _value);
        }
    }
}

/// <summary>The counts of one read of one connection.</summary>
internal record struct ReadTally(int Messages, long Bytes, int Acknowledged, int DeadLettered);

/// <summary>Why a subscriber did not receive a message that matches a subscription.</summary>
internal enum DropReason
{
    /// <summary>The message expired.</summary>
    Expired,

    /// <summary>The packet exceeds the client's Maximum Packet Size.</summary>
    TooLarge,

    /// <summary>The client was too slow for messages of QoS 0; counted once for each jump to the newest message.</summary>
    Behind,
}

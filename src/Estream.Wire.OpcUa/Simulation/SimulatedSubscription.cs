using Estream.Wire.OpcUa.Codec;
using Estream.Wire.OpcUa.Services;

namespace Estream.Wire.OpcUa.Simulation;

/// <summary>A subscription of the simulator: items, sent messages that are not acknowledged, and counters. Used under the lock of the
/// simulator.</summary>
internal sealed class SimulatedSubscription(uint id, int intervalMs, uint keepAliveCount)
{
    private const int MaxRetained = 1_000;

    private readonly List<SimulatedItem> _items = [];
    private readonly SortedDictionary<uint, byte[]> _sent = [];
    private uint _idle;

    public uint Id => id;

    public uint NextSequence { get; private set; } = 1;

    public long Due { get; set; } = UaTime.NowMs;

    public int IntervalMs => intervalMs;

    public uint Session { get; set; }

    public IEnumerable<uint> Available => _sent.Keys;

    public int ItemCount => _items.Count;

    /// <summary>Adds a monitored item, which reports the present value and each later one.</summary>
    public void Add(uint handle, SimulatedVariable variable, int queueSize)
    {
        SimulatedItem item = new(handle, variable, queueSize);
        _items.Add(item);
        variable.Attach(item);
    }

    /// <summary>Reports all present values again with the next message.</summary>
    public void Resend() => _items.ForEach(static item => item.Report(item.Variable.Value));

    /// <summary>Removes the monitored items from their variables.</summary>
    public void End() => _items.ForEach(static item => item.Variable.Detach(item));

    public void Acknowledge(uint sequence) => _sent.Remove(sequence);

    public byte[]? Retained(uint sequence) => _sent.GetValueOrDefault(sequence);

    public void ForgetSent() => _sent.Clear();

    /// <summary>Creates the next notification message: waiting values, or a keep-alive if it is due.</summary>
    /// <returns>The encoded NotificationMessage; null if there is nothing to say.</returns>
    public byte[]? Publish()
    {
        UaWriter body = new();
        body.Int32(0);
        int count = 0;
        foreach (SimulatedItem item in _items)
        {
            count += item.WriteTo(body);
        }

        return count > 0 ? Message(body, count) : ++_idle >= keepAliveCount ? KeepAlive() : null;
    }

    public byte[] KeepAlive()
    {
        _idle = 0;
        UaWriter message = new();
        message.UInt32(NextSequence);
        message.Int64(UaTime.FromDateTime(UaTime.Now));
        message.Int32(0);
        return message.Written.ToArray();
    }

    private byte[] Message(UaWriter values, int count)
    {
        _idle = 0;
        UaWriter message = new();
        message.UInt32(NextSequence);
        message.Int64(UaTime.FromDateTime(UaTime.Now));
        message.Int32(1);
        int start = message.BeginStructure(TypeNumbers.DataChangeNotification);
        message.Int32(count);
        message.Raw(values.Written[sizeof(int)..]);
        message.NullArray();
        message.EndStructure(start);
        byte[] encoded = message.Written.ToArray();
        _sent[NextSequence] = encoded;
        while (_sent.Count > MaxRetained)
        {
            _sent.Remove(_sent.Keys.First());
        }

        NextSequence++;
        return encoded;
    }
}

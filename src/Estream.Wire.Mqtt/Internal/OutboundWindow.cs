namespace Estream.Wire.Mqtt.Internal;

/// <summary>
/// Messages we have sent at QoS 1 and that are not acknowledged. They outlive a connection: where the broker has kept the session they
/// are sent again in their order, marked as duplicates [MQTT-4.4.0-1] [MQTT-4.6.0-1]. Thread-safe.
/// </summary>
internal sealed class OutboundWindow : IDisposable
{
    public const int Capacity = 64;

    private readonly Lock _lock = new();
    private readonly List<Pending> _pending = [];
    private readonly SemaphoreSlim _room = new(Capacity);
    private int _limit = Capacity;
    private int _owed;
    private ushort _lastId;

    /// <summary>One unacknowledged message.</summary>
    public sealed class Pending(ushort packetId, byte[] packet)
    {
        public ushort PacketId { get; } = packetId;

        public byte[] Packet { get; } = packet;

        public TaskCompletionSource<EmitStatus> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Waits for room and adds a message; <paramref name="encode"/> gets its packet identifier.</summary>
    public async ValueTask<Pending> AddAsync(Func<ushort, byte[]> encode, CancellationToken cancellation)
    {
        await _room.WaitAsync(cancellation).ConfigureAwait(false);
        lock (_lock)
        {
            do
            {
                // One set of identifiers serves PUBLISH and SUBSCRIBE (section 2.2.1); the last one is the SUBSCRIBE's.
                _lastId = _lastId == ClientCore.SubscribeId - 1 ? (ushort)1 : (ushort)(_lastId + 1);
            }
            while (_pending.Exists(pending => pending.PacketId == _lastId));

            Pending added = new(_lastId, encode(_lastId));
            _pending.Add(added);
            return added;
        }
    }

    /// <summary>Takes the broker's answer.</summary>
    /// <returns>False when no message waits under this identifier.</returns>
    public bool Complete(ushort packetId, EmitStatus status)
    {
        Pending? done;
        lock (_lock)
        {
            done = _pending.Find(pending => pending.PacketId == packetId);
            if (done is null)
            {
                return false;
            }

            _pending.Remove(done);
            GiveBack();
        }

        done.Answer.TrySetResult(status);
        return true;
    }

    /// <summary>Takes the broker's Receive Maximum over [MQTT-3.3.4-7]; messages beyond it are given up, their outcome unknown.</summary>
    public void SetLimit(int receiveMaximum)
    {
        List<Pending> beyond;
        lock (_lock)
        {
            int limit = Math.Min(Capacity, receiveMaximum);
            int change = limit - _limit;
            _limit = limit;
            for (; change > 0; change--)
            {
                GiveBack();
            }

            for (; change < 0; change++)
            {
                // Room that is in use now is taken away when it becomes free.
                _owed += _room.Wait(0) ? 0 : 1;
            }

            beyond = [.. _pending.Skip(limit)];
        }

        foreach (Pending pending in beyond)
        {
            Complete(pending.PacketId, new EmitStatus(EmitCode.NotConnected, "the connection was lost, and the broker allows fewer messages now"));
        }
    }

    /// <summary>The messages to send again, oldest first, with their DUP flag set.</summary>
    public IReadOnlyList<byte[]> Unanswered()
    {
        lock (_lock)
        {
            foreach (Pending pending in _pending)
            {
                pending.Packet[0] |= 0x08;
            }

            return [.. _pending.Select(pending => pending.Packet)];
        }
    }

    /// <summary>The session is gone, and with it what was under way [MQTT-3.2.2-5]: nobody will ever answer.</summary>
    public void FailAll(string reason)
    {
        ushort[] ids;
        lock (_lock)
        {
            ids = [.. _pending.Select(pending => pending.PacketId)];
        }

        foreach (ushort id in ids)
        {
            Complete(id, new EmitStatus(EmitCode.NotConnected, reason));
        }
    }

    public void Dispose()
    {
        _room.Dispose();
    }

    private void GiveBack()
    {
        if (_owed > 0)
        {
            _owed--;
            return;
        }

        _room.Release();
    }
}

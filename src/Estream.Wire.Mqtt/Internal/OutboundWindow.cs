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
    private string? _closedBecause;
    private ushort _lastId;

    /// <summary>One unacknowledged message.</summary>
    public sealed class Pending(ushort packetId, byte[] packet)
    {
        public ushort PacketId { get; } = packetId;

        public byte[] Packet { get; } = packet;

        /// <summary>The connection it was written to last; the window's lock guards it.</summary>
        public object? SentOn { get; set; }

        public TaskCompletionSource<EmitStatus> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Waits for room and adds a message; <paramref name="encode"/> gets its packet identifier.</summary>
    public async ValueTask<Pending> AddAsync(Func<ushort, byte[]> encode, CancellationToken cancellation)
    {
        await _room.WaitAsync(cancellation).ConfigureAwait(false);
        lock (_lock)
        {
            if (_closedBecause is { } reason)
            {
                GiveBack();
                Pending refused = new(0, []);
                refused.Answer.SetResult(new EmitStatus(EmitCode.NotConnected, reason));
                return refused;
            }

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

    /// <summary>Whether a message still has to be written to this connection; then it counts as written there [MQTT-4.4.0-1].</summary>
    public bool TryTake(Pending pending, object connection)
    {
        lock (_lock)
        {
            if (pending.SentOn == connection || !_pending.Contains(pending))
            {
                return false;
            }

            Take(pending, connection);
            return true;
        }
    }

    /// <summary>The messages a new connection begins with, oldest first; those sent before have their DUP flag set.</summary>
    public IReadOnlyList<byte[]> TakeAll(object connection)
    {
        lock (_lock)
        {
            foreach (Pending pending in _pending)
            {
                Take(pending, connection);
            }

            return [.. _pending.Select(pending => pending.Packet)];
        }
    }

    /// <summary>Gives up what a broker that has changed its mind does not take any more [MQTT-3.2.2-15]; the outcome is not known.</summary>
    public void GiveUpAbove(uint maximumPacketSize, string reason)
    {
        ushort[] ids;
        lock (_lock)
        {
            ids = [.. _pending.Where(pending => pending.Packet.Length > maximumPacketSize).Select(pending => pending.PacketId)];
        }

        foreach (ushort id in ids)
        {
            Complete(id, new EmitStatus(EmitCode.NotConnected, reason));
        }
    }

    /// <summary>Nobody will ever answer: neither what is under way nor what still waits for room, nor what comes later.</summary>
    public void Close(string reason)
    {
        lock (_lock)
        {
            _closedBecause = reason;
        }

        FailAll(reason);
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

    private static void Take(Pending pending, object connection)
    {
        pending.Packet[0] |= (byte)(pending.SentOn is null ? 0 : 0x08);
        pending.SentOn = connection;
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

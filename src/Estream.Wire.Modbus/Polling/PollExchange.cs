using Estream.Wire.Modbus.Client;

namespace Estream.Wire.Modbus.Polling;

/// <summary>A read of the plan: due again and again, sent by its line, and stored. Everything it needs is created once.</summary>
internal sealed class PollExchange : ModbusExchange
{
    private readonly DeviceLine _line;
    private byte[]? _held;
    private int _heldLength;

    public PollExchange(PlannedRead read, DeviceState device, DeviceLine line, PollSlots slots)
    {
        Read = read;
        Device = device;
        _line = line;
        Unit = device.Options.Unit;
        TimeoutMs = device.Options.Endpoint.TimeoutMs;
        RequestLength = ModbusRequest.Read(read.Table.ReadFunction(), read.Address, read.Count, RequestBuffer);
        Slots = slots;
        Schedule = new DueTimer(this);
        Expiry = new ExpiryTimer(this);
    }

    public PlannedRead Read { get; }

    public DeviceState Device { get; }

    /// <summary>When the poll is due. The lock of the line guards it.</summary>
    public PollSlots Slots { get; }

    /// <summary>The number of the poll under way.</summary>
    public long Sequence { get; private set; }

    /// <summary>The number of the last response that was in the queue at the start.</summary>
    public long LastStored { get; init; }

    /// <summary>The due time of the request under way; of a poll that is made up, when it was queued.</summary>
    public long SentDue { get; private set; }

    /// <summary>When the request under way was sent, in nanoseconds since 1970-01-01 UTC.</summary>
    public long RequestedAt { get; set; }

    /// <summary>When the request under way was sent, in monotonic nanoseconds.</summary>
    public long SentAt { get; set; }

    /// <summary>When the response arrived or the poll failed, in nanoseconds since 1970-01-01 UTC.</summary>
    public long AnsweredAt { get; set; }

    /// <summary>The response that waits until its queue can be written.</summary>
    public ReadOnlySpan<byte> HeldResponse => _held.AsSpan(0, _heldLength);

    /// <summary>Whether the last answer of the device to this poll was an exception.</summary>
    public bool IsFailing { get; set; }

    /// <summary>Whether the poll waits in its line or for its response.</summary>
    public bool IsPending { get; set; }

    public WheelTimer Schedule { get; }

    public WheelTimer Expiry { get; }

    /// <summary>When the request under way times out, in monotonic nanoseconds.</summary>
    public long ExpiresAt { get; set; }

    /// <summary>The connection that carries the request under way.</summary>
    public ModbusLink? Link { get; set; }

    /// <summary>Takes the oldest poll that is owed.</summary>
    /// <param name="due">When it was due.</param>
    public void Take(long due)
    {
        IsPending = true;
        SentDue = due;
        Sequence = Slots.Take();
    }

    /// <summary>Keeps a response until its queue can be written.</summary>
    public void Hold(ReadOnlySpan<byte> response)
    {
        _held ??= new byte[ModbusLimits.MaxPduBytes];
        response.CopyTo(_held);
        _heldLength = response.Length;
    }

    public override void Complete(ModbusStatus status, ReadOnlySpan<byte> response) => _line.OnPollEnd(this, status, response);

    /// <summary>Fires at each due time. The times are multiples of the interval, so that no delay adds up.</summary>
    private sealed class DueTimer(PollExchange poll) : WheelTimer
    {
        public override void Fire(long now) => poll._line.OnDue(poll, now);
    }

    private sealed class ExpiryTimer(PollExchange poll) : WheelTimer
    {
        public override void Fire(long now)
        {
            // The timer of an earlier request can fire while the next request is under way, and the next request may start between the
            // reads. The order of the reads is link, transaction id, expiry. If the expiry belongs to the earlier request, the link and
            // the transaction id belong to the earlier request too.
            ModbusLink? link = poll.Link;
            Volatile.ReadBarrier();
            ushort transaction = poll.TransactionId;
            Volatile.ReadBarrier();
            if (now >= poll.ExpiresAt)
            {
                link?.Expire(poll, transaction);
            }
        }
    }
}

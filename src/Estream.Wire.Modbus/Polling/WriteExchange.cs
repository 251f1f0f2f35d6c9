using Estream.Wire.Modbus.Client;

namespace Estream.Wire.Modbus.Polling;

/// <summary>A single request between the polls of a line: a write, or the read that checks it.</summary>
internal sealed class WriteExchange : ModbusExchange
{
    private readonly TaskCompletionSource<(ModbusStatus Status, byte[] Response)> _end =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly DeviceLine _line;

    public WriteExchange(DeviceState device, DeviceLine line)
    {
        Device = device;
        _line = line;
        Unit = device.Options.Unit;
        TimeoutMs = device.Options.Endpoint.TimeoutMs;
        Expiry = new ExpiryTimer(this);
    }

    public DeviceState Device { get; }

    public WheelTimer Expiry { get; }

    /// <summary>When the request under way times out, in monotonic nanoseconds.</summary>
    public long ExpiresAt { get; set; }

    public ModbusLink? Link { get; set; }

    public long RequestedAt { get; set; }

    /// <summary>When the response arrived, in nanoseconds since 1970-01-01 UTC.</summary>
    public long AnsweredAt { get; set; }

    /// <summary>Says immediately before the sending whether the request has become too old.</summary>
    public Func<bool>? IsExpired { get; set; }

    /// <summary>Whether the request was not sent because it had become too old.</summary>
    public bool WasDropped { get; private set; }

    /// <summary>The outcome, with the PDU of the response.</summary>
    public Task<(ModbusStatus Status, byte[] Response)> End => _end.Task;

    public override void Complete(ModbusStatus status, ReadOnlySpan<byte> response)
    {
        _line.OnWriteEnd(this, status, response);
        _end.TrySetResult((status, response.ToArray()));
    }

    /// <summary>Ends a request that is not sent any more.</summary>
    public void Drop()
    {
        WasDropped = true;
        _end.TrySetResult((ModbusStatus.NotConnected, []));
    }

    private sealed class ExpiryTimer(WriteExchange write) : WheelTimer
    {
        public override void Fire(long now)
        {
            if (now >= write.ExpiresAt)
            {
                write.Link?.Expire(write, write.TransactionId);
            }
        }
    }
}

using System.Threading.Tasks.Sources;
using Estream.Core;

namespace Estream.Wire.Modbus.Client;

/// <summary>An exchange that is awaited. Copies the response to the memory of the caller; reused without an allocation.</summary>
internal sealed class PooledExchange : ModbusExchange, IValueTaskSource<ModbusResult>, IDisposable
{
    private const long NanosPerMilli = 1_000_000;

    private readonly IClock _clock;
    private readonly Timer _timer;
    private ManualResetValueTaskSourceCore<ModbusResult> _core = new() { RunContinuationsAsynchronously = true };
    private ModbusLink? _link;
    private long _startedAt;

    /// <param name="clock">The clock of the time-out.</param>
    public PooledExchange(IClock clock)
    {
        _clock = clock;
        _timer = new Timer(state => ((PooledExchange)state!).Expire(), this, Timeout.Infinite, Timeout.Infinite);
    }

    /// <summary>Receives the PDU of the response.</summary>
    public Memory<byte> Destination { get; set; }

    /// <summary>Starts the exchange.</summary>
    /// <returns>Completes with the outcome; await it once.</returns>
    public ValueTask<ModbusResult> StartAsync(ModbusLink link)
    {
        _core.Reset();

        // Stores the start time before the link; see Expire.
        Volatile.Write(ref _startedAt, _clock.MonotonicNanos);
        Volatile.Write(ref _link, link);
        ValueTask<ModbusResult> result = new(this, _core.Version);
        if (!link.TryStart(this))
        {
            Complete(ModbusStatus.NotConnected, default);
        }
        else if (!link.KeepsTime)
        {
            _timer.Change(TimeoutMs, Timeout.Infinite);
        }

        return result;
    }

    /// <inheritdoc/>
    public override void Complete(ModbusStatus status, ReadOnlySpan<byte> response)
    {
        int length = Math.Min(response.Length, Destination.Length);
        response[..length].CopyTo(Destination.Span);
        ModbusExceptionCode exception = status == ModbusStatus.Exception ? (ModbusExceptionCode)response[1] : ModbusExceptionCode.None;
        _core.SetResult(new ModbusResult(status, exception, length));
    }

    /// <inheritdoc/>
    public ModbusResult GetResult(short token)
    {
        // A timer of this exchange that still fires would expire the next one.
        _timer.Change(Timeout.Infinite, Timeout.Infinite);
        return _core.GetResult(token);
    }

    /// <inheritdoc/>
    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    /// <inheritdoc/>
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    public void Dispose() => _timer.Dispose();

    private void Expire()
    {
        // The timer of an earlier request can fire during this request, and the exchange may be started again between the reads. The
        // order of the reads is link, transaction id, start time. If the start time belongs to the earlier request, the link and the
        // transaction id belong to the earlier request too.
        ModbusLink? link = Volatile.Read(ref _link);
        ushort transaction = TransactionId;
        Volatile.ReadBarrier();
        long left = TimeoutMs - ((_clock.MonotonicNanos - Volatile.Read(ref _startedAt)) / NanosPerMilli);
        if (left > 0)
        {
            _timer.Change(left, Timeout.Infinite);
        }
        else
        {
            link?.Expire(this, transaction);
        }
    }
}

using Estream.Core;
using Estream.Wire.Modbus.Client;
using Estream.Wire.Serial;

namespace Estream.Wire.Modbus.Serial;

/// <summary>
/// A serial line as its master (Modbus over Serial Line V1.02), on a thread of its own because the timing is in milliseconds. One request
/// is under way at a time. RTU has no transaction ids, so a late response looks like the next one: after a time-out the line is drained
/// until the late response has arrived, or as long again as the time-out, and then until silence.
/// </summary>
internal sealed class RtuLink : ModbusLink
{
    // USB adapters deliver a frame in blocks, with gaps of up to 16 ms.
    private const int DrainSilenceMs = 30;
    private const int IdleLookMs = 200;
    private const long NanosPerMilli = 1_000_000;

    private readonly ISerialLine _line;
    private readonly SerialLineOptions _options;
    private readonly IClock _clock;
    private readonly Thread _thread;
    private readonly AutoResetEvent _signal = new(initialState: false);
    private readonly ManualResetEvent _stop = new(initialState: false);
    private readonly byte[] _sent = new byte[ModbusLimits.MaxRtuFrameBytes];
    private readonly byte[] _frame = new byte[2 * ModbusLimits.MaxRtuFrameBytes];
    private readonly int _silenceMs;
    private ModbusExchange? _exchange;
    private long _lastByteAt;
    private int _drainMs;
    private volatile bool _isClosed;
    private volatile bool _isDisposing;

    /// <param name="line">The open line, which the link disposes.</param>
    /// <param name="options">The timing.</param>
    /// <param name="clock">The clock of time-outs and silences.</param>
    public RtuLink(ISerialLine line, SerialLineOptions options, IClock clock)
    {
        _line = line;
        _options = options;
        _clock = clock;

        // Rounded up, because the driver hands over bytes in blocks and a longer silence does no harm.
        _silenceMs = Math.Max(1, (options.FrameSilenceMicros + 999) / 1_000);
        _thread = new Thread(Run) { IsBackground = true, Name = $"modbus {options.Port}" };
    }

    /// <inheritdoc/>
    public override bool KeepsTime => true;

    /// <inheritdoc/>
    public override void Open() => _thread.Start();

    /// <inheritdoc/>
    public override bool TryStart(ModbusExchange exchange)
    {
        if (_isClosed || Interlocked.CompareExchange(ref _exchange, exchange, null) is not null)
        {
            return false;
        }

        exchange.TransactionId = 0;
        _signal.Set();

        // The thread may have ended in between. The side that takes the exchange out completes it.
        if (_isClosed && Interlocked.CompareExchange(ref _exchange, null, exchange) == exchange)
        {
            return false;
        }

        return true;
    }

    /// <inheritdoc/>
    public override void Expire(ModbusExchange exchange, ushort transaction)
    {
        // The thread of the line ends an exchange after its time-out.
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        _isDisposing = true;
        _stop.Set();
        _signal.Set();
        if (_thread.IsAlive && Thread.CurrentThread != _thread)
        {
            await Task.Run(_thread.Join).ConfigureAwait(false);
        }

        _line.Dispose();
    }

    private void Run()
    {
        Exception? cause = null;
        try
        {
            while (!_isDisposing)
            {
                if (_drainMs > 0)
                {
                    Drain();
                }
                else if (Volatile.Read(ref _exchange) is { } exchange)
                {
                    Perform(exchange);
                }
                else
                {
                    _signal.WaitOne(IdleLookMs);
                }
            }
        }
#pragma warning disable CA1031 // An exception on this thread would end the process. It ends the connection, with the cause.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            cause = failure;
        }

        _isClosed = true;
        Interlocked.Exchange(ref _exchange, null)?.Complete(ModbusStatus.NotConnected, default);
        if (!_isDisposing)
        {
            Closed?.Invoke(cause);
        }
    }

    private void Perform(ModbusExchange exchange)
    {
        if (exchange.Unit == 0 && !CanBroadcast((ModbusFunctionCode)exchange.Request[0]))
        {
            End(exchange, ModbusStatus.InvalidResponse, default);
            return;
        }

        WaitForSilence();
        _line.DiscardInput();
        int length = RtuFrame.Write(exchange.Unit, exchange.Request, _sent);
        _line.Write(_sent, length);
        _lastByteAt = _clock.MonotonicNanos;
        if (exchange.Unit == 0)
        {
            // Units do not answer a broadcast, and need time to handle it.
            _stop.WaitOne(TransmissionMs(length) + _options.TurnaroundMs);
            _lastByteAt = _clock.MonotonicNanos;
            End(exchange, ModbusStatus.Ok, exchange.Request);
            return;
        }

        Await(exchange, _clock.MonotonicNanos + ((TransmissionMs(length) + exchange.TimeoutMs) * NanosPerMilli));
    }

    /// <summary>Whether the response to a request has no data, so that a unit can perform it without one.</summary>
    private static bool CanBroadcast(ModbusFunctionCode function) => function is ModbusFunctionCode.WriteSingleCoil
        or ModbusFunctionCode.WriteSingleRegister or ModbusFunctionCode.WriteMultipleCoils or ModbusFunctionCode.WriteMultipleRegisters
        or ModbusFunctionCode.WriteFileRecord or ModbusFunctionCode.MaskWriteRegister;

    /// <summary>Waits for the response. A valid frame that does not answer this request is a late response to an earlier one: the wait
    /// goes on.</summary>
    private void Await(ModbusExchange exchange, long end)
    {
        while (true)
        {
            int received = Receive(exchange, end);
            ReadOnlySpan<byte> frame = _frame.AsSpan(0, received);
            if (received == 0)
            {
                _drainMs = exchange.TimeoutMs;
                End(exchange, ModbusStatus.Timeout, default);
                return;
            }

            if (!RtuFrame.IsValid(frame))
            {
                // The rest of a stopped or damaged frame may still arrive.
                Counters.CountInvalid();
                _drainMs = Math.Max(SilenceLookMs, exchange.TimeoutMs / 4);
                End(exchange, ModbusStatus.InvalidResponse, default);
                return;
            }

            if (frame[0] == exchange.Unit && ModbusResponseView.TryParse(exchange.Request, frame[1..^2], out ModbusResponseView response))
            {
                Counters.CountResponse();
                End(exchange, response.Exception == ModbusExceptionCode.None ? ModbusStatus.Ok : ModbusStatus.Exception, response.Pdu);
                return;
            }

            Counters.CountLate();
        }
    }

    /// <summary>Receives a frame: as many bytes as its function code says, or until the line is silent.</summary>
    /// <returns>The length of the frame; 0 if nothing arrived in time.</returns>
    private int Receive(ModbusExchange exchange, long end)
    {
        int length = 0;
        while (!_isDisposing)
        {
            int left = LeftMs(end);
            if (left <= 0)
            {
                return length;
            }

            int expected = RtuFrame.ResponseLength(_frame.AsSpan(0, length), exchange.Request);
            if (expected > 0 && length >= expected)
            {
                return length;
            }

            // A gap inside a frame is longer than the standard allows where drivers and bridges hand bytes over in blocks, so only a frame
            // of unknown length ends with silence.
            int count = _line.Read(_frame, length, expected < 0 ? Math.Min(left, SilenceLookMs) : left);
            if (count == 0)
            {
                return length;
            }

            Note(count);
            length += count;
            if (length > ModbusLimits.MaxRtuFrameBytes)
            {
                return length;
            }
        }

        return 0;
    }

    /// <summary>Reads what is left on the line until a whole late response, or until its time has passed and the line is silent. Noise
    /// does not end the wait early, and a line that is never silent does not extend it for ever.</summary>
    private void Drain()
    {
        long end = _clock.MonotonicNanos + (_drainMs * NanosPerMilli);
        long last = end + ((DrainSilenceMs + TransmissionMs(ModbusLimits.MaxRtuFrameBytes)) * NanosPerMilli);
        int length = 0;
        bool isAny = false;
        long bytes = Counters.Bytes;
        while (!_isDisposing && _clock.MonotonicNanos < last)
        {
            int left = LeftMs(end);
            int count = _line.Read(_frame, length, isAny ? DrainSilenceMs : Math.Max(left, 1));
            if (count > 0)
            {
                Note(count);
                isAny = true;
                length += count;

                // Noise without an end; only the fact that bytes arrive counts.
                length = length >= ModbusLimits.MaxRtuFrameBytes ? 0 : length;
                continue;
            }

            if (left <= 0 || RtuFrame.IsValid(_frame.AsSpan(0, length)))
            {
                break;
            }

            // Not a frame. A late response can still come.
            length = 0;
            isAny = false;
        }

        if (Counters.Bytes != bytes)
        {
            Counters.CountLate();
        }

        _drainMs = 0;
    }

    // The silence of a line of frames: longer than the standard's, because a bridge may deliver a frame in several blocks.
    private int SilenceLookMs => Math.Max(_silenceMs, 5);

    private void Note(int count)
    {
        _lastByteAt = _clock.MonotonicNanos;
        Counters.AddBytes(count);
    }

    private void WaitForSilence()
    {
        long silence = (_options.FrameSilenceMicros * 1_000L) - (_clock.MonotonicNanos - _lastByteAt);
        if (silence > 0)
        {
            _stop.WaitOne((int)((silence + NanosPerMilli - 1) / NanosPerMilli));
        }
    }

    private int LeftMs(long end) => (int)((end - _clock.MonotonicNanos) / NanosPerMilli);

    /// <summary>How long the line transmits a frame; the time-out begins after that.</summary>
    private int TransmissionMs(int bytes) => (int)((bytes * 11_000L / _options.BaudRate) + 1);

    private void End(ModbusExchange exchange, ModbusStatus status, ReadOnlySpan<byte> response)
    {
        Volatile.Write(ref _exchange, null);
        exchange.Complete(status, response);
    }
}

using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using Estream.Wire.Internal;
using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Internal;

internal sealed partial class EndpointConnection
{
    private const int RetryMs = 100;
    private const long DrainNanos = EndpointCore.NanosPerSecond;

    // The bytes of an unfinished packet that are not counted, so that a fleet of small messages is never charged.
    private const long FreeBytes = 64 * 1024;

    private long _charged;
    private long _drainUntil;
    private bool _isDrained;

    private async Task ServeAsync(PipeReader reader)
    {
        // The handshake and the login took milliseconds; from here on, messages take microseconds.
        if (_transport is LoopStream loop)
        {
            loop.RunsOnLoop = true;
            loop.Handler = _stream == _transport ? HandleArrived : null;
        }

        KeepAliveTracker signs = default;
        long since = _core.Clock.MonotonicNanos;
        while (true)
        {
            // Only the time spent waiting for bytes counts against the client, not the time for storing and answering.
            Volatile.Write(ref _readingSince, since);
            ValueTask<ReadResult> read = _drainUntil == 0 ? reader.ReadAsync() : ReadRest(reader);
            ReadResult result = await read.ConfigureAwait(false);
            _isDrained &= result.IsCanceled;

            // HandleArrived stores a later time when it handles messages during the read.
            since = Volatile.Read(ref _readingSince);
            Volatile.Write(ref _readingSince, 0);
            SequencePosition consumed = _pump.Process(result.Buffer);
            PumpPause pause = _pump.Pause;
            long left = result.Buffer.Slice(consumed).Length;
            bool isAlive = signs.Take(result.Buffer.Length, left) || pause != PumpPause.NeedsBytes;

            // Without keep-alive, silence between packets is allowed: the limit for an unfinished packet starts with its first byte.
            bool isBegun = left > 0 && !_isUnfinished && Volatile.Read(ref _keepAliveNanos) == 0;
            Volatile.Write(ref _isUnfinished, left > 0);
            reader.AdvanceTo(consumed, pause == PumpPause.NeedsBytes ? result.Buffer.End : consumed);
            SetBlocked(pause == PumpPause.Blocked);
            await FlushAsync().ConfigureAwait(false);
            if (_pump.Fault.IsFault)
            {
                _core.Events.Report(AdapterEventKind.ProtocolViolation, $"{Who} was disconnected: {_pump.Fault}.");
                await SayGoodbyeAsync(_pump.Fault.Code, _pump.Fault.Why).ConfigureAwait(false);
                return;
            }

            int closeReason = Volatile.Read(ref _closeReason);
            if (closeReason != NoReason && !MustDrain(closeReason, pause))
            {
                await SayGoodbyeAsync((MqttReasonCode)closeReason, null).ConfigureAwait(false);
                return;
            }

            if (!TryCharge(left))
            {
                string why =
                    $"unfinished packets of its user exceed {_core.Options.MaxUnfinishedBytesPerUser} bytes (MaxUnfinishedBytesPerUser)";
                _core.Counters.Reject(MqttReasonCode.QuotaExceeded, "the unfinished packets of a user exceed the limit", Who);
                _core.Events.Report(AdapterEventKind.ConnectionFailed, $"{Who} was disconnected: {why}.");
                await SayGoodbyeAsync(MqttReasonCode.QuotaExceeded, why).ConfigureAwait(false);
                return;
            }

            if (pause == PumpPause.Over || (pause == PumpPause.NeedsBytes && result.IsCompleted))
            {
                return;
            }

            if (pause == PumpPause.Blocked)
            {
                await Delays.WaitAsync(TimeSpan.FromMilliseconds(RetryMs), _closing.Token).ConfigureAwait(false);
            }

            since = isAlive || isBegun ? _core.Clock.MonotonicNanos : since;
        }
    }

    /// <summary>Handles QoS 0 messages as they arrive, while <see cref="ServeAsync"/> waits between two packets. ServeAsync handles all
    /// other bytes, including those after a fault or while the queue is blocked.</summary>
    /// <returns>The number of bytes handled.</returns>
    private int HandleArrived(ReadOnlySequence<byte> bytes)
    {
        // ServeAsync saves the state of a stored session after each read, so it handles all messages of such a session.
        int simple = FixedHeader.CountSimple(bytes.FirstSpan);
        if (simple == 0 || _session!.Records is not null || Volatile.Read(ref _closeReason) != NoReason)
        {
            return 0;
        }

        ReadOnlySequence<byte> messages = bytes.Slice(0, simple);
        int handled = (int)messages.Slice(0, _pump.Process(messages)).Length;
        Volatile.Write(ref _readingSince, _core.Clock.MonotonicNanos);
        if (_pump.Fault.IsFault)
        {
            _reader!.CancelPendingRead();
        }

        return handled;
    }

    /// <summary>Charges the bytes of an unfinished packet to the client's user.</summary>
    /// <returns>False if the user's limit would be exceeded.</returns>
    private bool TryCharge(long left)
    {
        long wanted = Math.Max(0, left - FreeBytes);
        if (wanted > _charged && !_core.Unfinished.TryAdd(ChargedTo, wanted - _charged))
        {
            return false;
        }

        if (wanted < _charged)
        {
            _core.Unfinished.Remove(ChargedTo, _charged - wanted);
        }

        _charged = wanted;
        return true;
    }

    private string ChargedTo => _session!.User ?? Address.ToString();

    /// <summary>Reads the bytes that have already reached this machine, without waiting for the network.</summary>
    private ValueTask<ReadResult> ReadRest(PipeReader reader)
    {
        (_transport as LoopStream)?.FindArrived();
        ValueTask<ReadResult> read = reader.ReadAsync();
        _isDrained = !read.IsCompleted;
        if (_isDrained)
        {
            reader.CancelPendingRead();
        }

        return read;
    }

    /// <summary>
    /// Whether to handle more received bytes before closing. After a shutdown or take-over request, all bytes that have reached this
    /// machine are still handled: a QoS 0 message is not resent, and a DISCONNECT cancels the will [MQTT-3.14.4-3].
    /// </summary>
    private bool MustDrain(int closeReason, PumpPause pause)
    {
        bool isGentle = closeReason is (int)MqttReasonCode.ServerShuttingDown or (int)MqttReasonCode.SessionTakenOver;
        if (!isGentle || pause is PumpPause.Blocked or PumpPause.Over)
        {
            return false;
        }

        // Unread bytes can be in three places: in the pipe, after packets whose acknowledgements had to be sent first; in the socket; or in
        // the TLS stream, which only a read reveals.
        bool hasArrived = (_transport as LoopStream)?.HasArrived ?? _socket.Available > 0;
        bool hasMore = pause == PumpPause.AcksFull || hasArrived || (_stream is SslStream && !_isDrained);
        long now = _core.Clock.MonotonicNanos;
        _drainUntil = _drainUntil == 0 ? now + DrainNanos : _drainUntil;
        return hasMore && now < _drainUntil;
    }

    private ValueTask FlushAsync()
    {
        // Fast path: QoS 0 needs no save and no acknowledgement, so no asynchronous method is called.
        if (_session!.Records is not null || !_pump.Acks.IsEmpty)
        {
            return SaveAndSendAsync();
        }

        EndFlush();
        return default;
    }

    private async ValueTask SaveAndSendAsync()
    {
        // Save the state before sending the acknowledgements that depend on it.
        if (!await SaveAsync().ConfigureAwait(false))
        {
            return;
        }

        if (!_pump.Acks.IsEmpty)
        {
            // If this flush fails, the connection ends without these acknowledgements, and the client resends the messages.
            await _ingress.WaitDurableAsync(CancellationToken.None).ConfigureAwait(false);
            await _writer.WriteAsync(_pump.Acks.Written).ConfigureAwait(false);
        }

        EndFlush();
    }

    private void EndFlush()
    {
        _pump.Flushed();
        _session!.Subscriber?.BeginRetained();
    }

    private void SetBlocked(bool isBlocked)
    {
        if (isBlocked == _isBlocked)
        {
            return;
        }

        _isBlocked = isBlocked;
        _core.Events.Report(
            isBlocked ? AdapterEventKind.StorageBlocked : AdapterEventKind.StorageRecovered,
            isBlocked ? $"Reading from {Who} is paused: "
                + $"{(_core.Serving?.Failure ?? _core.Sessions.Store?.Failure ?? _ingress.Failure)?.Message}"
                    : $"Reading from {Who} has resumed.");
    }
}

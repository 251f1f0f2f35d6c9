using System.IO.Pipelines;

namespace Estream.Wire.Mqtt.Internal;

internal sealed partial class EndpointConnection
{
    private const int RetryMs = 100;
    private const long DrainNanos = EndpointCore.NanosPerSecond;

    private long _drainUntil;

    private async Task ServeAsync(PipeReader reader)
    {
        while (true)
        {
            ReadResult result = await reader.ReadAsync().ConfigureAwait(false);
            Volatile.Write(ref _lastReceived, _core.Clock.MonotonicNanos);
            SequencePosition consumed = _pump.Process(result.Buffer);
            PumpPause pause = _pump.Pause;
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

            if (pause == PumpPause.Over || (pause == PumpPause.NeedsBytes && result.IsCompleted))
            {
                return;
            }

            if (pause == PumpPause.Blocked)
            {
                await Delays.WaitAsync(TimeSpan.FromMilliseconds(RetryMs), _closing.Token).ConfigureAwait(false);
            }
        }
    }

    /// <summary>When the endpoint stops, what has reached this machine by then is still stored: a QoS 0 message has no second chance.</summary>
    private bool MustDrain(int closeReason, PumpPause pause)
    {
        if (closeReason != (int)MqttReasonCode.ServerShuttingDown || pause is PumpPause.Blocked or PumpPause.Over || _socket.Available == 0)
        {
            return false;
        }

        long now = _core.Clock.MonotonicNanos;
        _drainUntil = _drainUntil == 0 ? now + DrainNanos : _drainUntil;
        return now < _drainUntil;
    }

    private async Task FlushAsync()
    {
        if (!_pump.Acks.IsEmpty)
        {
            Volatile.Write(ref _writingSince, _core.Clock.MonotonicNanos);
            await _stream.WriteAsync(_pump.Acks.Written).ConfigureAwait(false);
            Volatile.Write(ref _writingSince, 0);
        }

        _pump.Flushed();
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
            isBlocked ? $"{Who} is not read from: {_ingress.Failure?.Message}" : $"{Who} is read from again.");
    }
}

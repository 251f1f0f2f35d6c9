using Estream.Wire.Dnp3.Codec;
using Estream.Wire.Dnp3.Commands;

namespace Estream.Wire.Dnp3.Outstation;

/// <summary>The outstation's side of an association (IEEE 1815, 5.2): answers requests, keeps events until they are confirmed, and sends
/// unsolicited responses. Does no I/O; the lock of the outstation guards all members. Times are monotonic milliseconds.</summary>
internal sealed partial class OutstationSession(
    Dnp3OutstationOptions options, OutstationPoints points, OutstationState state, Action<ReadOnlyMemory<byte>> send)
{
    private readonly byte[] _fragment = new byte[options.MaxFragmentBytes];
    private readonly byte[] _unsolicited = new byte[options.MaxFragmentBytes];
    private readonly List<OutstationEvent> _sent = [];
    private readonly List<OutstationEvent> _sentUnsolicited = [];
    private readonly Queue<Dnp3Measurement> _present = new();
    private Dnp3Classes _reading;
    private byte _sequence;
    private byte _unsolicitedSequence;
    private int _unsolicitedLength;
    private long _confirmUntil = long.MaxValue;
    private long _unsolicitedUntil = long.MaxValue;
    private bool _isNullConfirmed;

    /// <summary>Sends the first unsolicited response after a connect.</summary>
    public void Connect(long now)
    {
        points.Restore();
        state.EnabledClasses = Dnp3Classes.None;
        if (options.IsUnsolicited)
        {
            SendUnsolicited(now);
        }
    }

    /// <summary>Handles a fragment of the master.</summary>
    public void Handle(ReadOnlySpan<byte> fragment, long now)
    {
        if (!ApplicationHeader.TryRead(fragment, out ApplicationHeader header) || header.IsResponse)
        {
            return;
        }

        if (header.Function == ApplicationFunction.Confirm)
        {
            HandleConfirm(header, now);
            return;
        }

        // A new request ends the response to the last one.
        EndResponse();
        _sequence = header.Sequence;
        Answer(header.Function, fragment[header.Length..], now);
        SendEvents(now);
    }

    /// <summary>Repeats an unsolicited response without confirmation, and sends new events.</summary>
    public void Tick(long now)
    {
        if (now >= _confirmUntil)
        {
            EndResponse();
        }

        if (now >= _unsolicitedUntil)
        {
            _unsolicitedUntil = now + options.ConfirmTimeoutMs;
            send(_unsolicited.AsMemory(0, _unsolicitedLength));
        }

        SendEvents(now);
    }

    private void HandleConfirm(in ApplicationHeader header, long now)
    {
        if (header.IsUnsolicited && header.Sequence == _unsolicitedSequence && _unsolicitedUntil != long.MaxValue)
        {
            points.Remove(_sentUnsolicited);
            _sentUnsolicited.Clear();
            _unsolicitedUntil = long.MaxValue;
            _unsolicitedSequence = (byte)((_unsolicitedSequence + 1) & ApplicationHeader.SequenceMask);
            _isNullConfirmed = true;
        }
        else if (!header.IsUnsolicited && header.Sequence == _sequence && _confirmUntil != long.MaxValue)
        {
            points.Remove(_sent);
            _sent.Clear();
            _confirmUntil = long.MaxValue;
            if (_reading != Dnp3Classes.None || _present.Count > 0)
            {
                _sequence = (byte)((_sequence + 1) & ApplicationHeader.SequenceMask);
                SendRead(isFirst: false, now);
            }
        }

        SendEvents(now);
    }

    private void EndResponse()
    {
        _sent.ForEach(one => one.IsSent = false);
        _sent.Clear();
        _present.Clear();
        _reading = Dnp3Classes.None;
        _confirmUntil = long.MaxValue;
    }

    private void SendEvents(long now)
    {
        if (options.IsUnsolicited && _isNullConfirmed && _unsolicitedUntil == long.MaxValue && _confirmUntil == long.MaxValue
            && (points.Waiting() & state.EnabledClasses) != 0)
        {
            SendUnsolicited(now);
        }
    }

    private void SendUnsolicited(long now)
    {
        ObjectWriter writer = new(_unsolicited.AsSpan(ApplicationHeader.ResponseBytes));
        AddEvents(ref writer, _isNullConfirmed ? state.EnabledClasses : Dnp3Classes.None, _sentUnsolicited);
        new ApplicationHeader(true, true, true, true, _unsolicitedSequence, ApplicationFunction.UnsolicitedResponse, Indicate())
            .Write(_unsolicited);
        _unsolicitedLength = ApplicationHeader.ResponseBytes + writer.Length;
        _unsolicitedUntil = now + options.ConfirmTimeoutMs;
        send(_unsolicited.AsMemory(0, _unsolicitedLength));
    }

    /// <summary>Adds the events of classes in order until the fragment is full.</summary>
    /// <returns>Whether all were added.</returns>
    private bool AddEvents(ref ObjectWriter writer, Dnp3Classes classes, List<OutstationEvent> sent)
    {
        foreach (OutstationEvent one in points.Events)
        {
            if (one.IsSent || (one.Class & classes) == 0)
            {
                continue;
            }

            if (!writer.TryAdd(one.Measurement))
            {
                return false;
            }

            one.IsSent = true;
            sent.Add(one);
        }

        return true;
    }

    private void SendRead(bool isFirst, long now)
    {
        ObjectWriter writer = new(_fragment.AsSpan(ApplicationHeader.ResponseBytes));
        if (AddEvents(ref writer, _reading, _sent))
        {
            _reading = Dnp3Classes.None;
            while (_present.TryPeek(out Dnp3Measurement one) && writer.TryAdd(one))
            {
                _present.Dequeue();
            }
        }

        bool isFinal = _reading == Dnp3Classes.None && _present.Count == 0;
        bool needsConfirm = _sent.Count > 0 || !isFinal;
        Respond(writer.Length, Indications.None, isFirst, isFinal, needsConfirm);
        _confirmUntil = needsConfirm ? now + options.ConfirmTimeoutMs : long.MaxValue;
    }

    private void Respond(int objectBytes, Indications refusal, bool isFirst = true, bool isFinal = true, bool needsConfirm = false)
    {
        new ApplicationHeader(isFirst, isFinal, needsConfirm, false, _sequence, ApplicationFunction.Response, Indicate() | refusal)
            .Write(_fragment);
        send(_fragment.AsMemory(0, ApplicationHeader.ResponseBytes + objectBytes));
    }

    private Indications Indicate() =>
        (state.IsRestarted ? Indications.DeviceRestart : 0) | (state.NeedsTime ? Indications.NeedTime : 0)
        | (points.ReportOverflow() ? Indications.EventBufferOverflow : 0) | (Indications)((int)points.Waiting() << 8);
}

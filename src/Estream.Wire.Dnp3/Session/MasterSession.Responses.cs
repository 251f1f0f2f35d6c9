using Estream.Wire.Dnp3.Codec;

namespace Estream.Wire.Dnp3.Session;

/// <summary>Responses: which fragments are accepted, and what follows from them.</summary>
internal sealed partial class MasterSession
{
    // An outstation whose indication does not go away must not keep the master busy.
    private const long RepeatNanos = 10_000 * NanosPerMilli;

    private long _restartIgnoredUntil;
    private long _timeIgnoredUntil;

    /// <summary>Checks a received fragment.</summary>
    /// <param name="fragment">The fragment.</param>
    /// <param name="now">Monotonic nanoseconds.</param>
    /// <param name="header">Its header.</param>
    public FragmentAction Accept(ReadOnlySpan<byte> fragment, long now, out ApplicationHeader header)
    {
        if (!ApplicationHeader.TryRead(fragment, out header) || !header.IsResponse)
        {
            return Refuse("a fragment that is not a response");
        }

        FragmentAction action = header.Function == ApplicationFunction.UnsolicitedResponse
            ? AcceptUnsolicited(fragment, header, now)
            : AcceptSolicited(header);
        if (action != FragmentAction.Store)
        {
            return action;
        }

        if (!AreObjectsValid(fragment[header.Length..], out ObjectStatus status))
        {
            // Not confirmed, because its events cannot be stored.
            FailStep(now, $"a response cannot be read: {status}");
            return Refuse($"a response cannot be read: {status}");
        }

        _isCommitting = true;
        return FragmentAction.Store;
    }

    /// <summary>Notes that a fragment is stored, after <see cref="FragmentAction.Store"/>.</summary>
    /// <returns>Whether to confirm the fragment.</returns>
    public bool Complete(ReadOnlySpan<byte> fragment, in ApplicationHeader header, long now)
    {
        _isCommitting = false;
        _timeouts = 0;
        WaitsUntil = 0;
        Counters.Response(header.Function == ApplicationFunction.UnsolicitedResponse, _clock.UtcNanos);
        Indications before = Indications;
        Indications = header.Indications;
        if (header.Function == ApplicationFunction.UnsolicitedResponse)
        {
            fragment.CopyTo(_lastUnsolicited);
            _lastUnsolicitedLength = fragment.Length;
            NoteIndications(before, now, hasEvents: true);
            return header.NeedsConfirm;
        }

        if (Step == SessionStep.None)
        {
            return header.NeedsConfirm;
        }

        if (header.IsFinal)
        {
            Finish(fragment, header, before, now);
        }
        else
        {
            _expected = (byte)((header.Sequence + 1) & ApplicationHeader.SequenceMask);
            _isFirstExpected = false;
            _deadline = now + (Options.TimeoutMs * NanosPerMilli);
        }

        return header.NeedsConfirm;
    }

    private FragmentAction AcceptUnsolicited(ReadOnlySpan<byte> fragment, in ApplicationHeader header, long now)
    {
        if (!header.IsFirst || !header.IsFinal || !header.IsUnsolicited)
        {
            return Refuse("an unsolicited response of several fragments");
        }

        bool isNull = fragment.Length == header.Length;
        if (!isNull && fragment.SequenceEqual(_lastUnsolicited.AsSpan(0, _lastUnsolicitedLength)))
        {
            return FragmentAction.ConfirmAgain;
        }

        if (isNull || IsSynchronized)
        {
            return FragmentAction.Store;
        }

        // Events before the integrity poll are not confirmed: they come again, after the values that they change (IEEE 1815, 5.1.1.3).
        Indications before = Indications;
        Indications = header.Indications;
        NoteIndications(before, now, hasEvents: false);
        return FragmentAction.Drop;
    }

    private FragmentAction AcceptSolicited(in ApplicationHeader header)
    {
        if (Step != SessionStep.None && header.Sequence == _expected && header.IsFirst == _isFirstExpected && !header.IsUnsolicited)
        {
            return FragmentAction.Store;
        }

        Counters.Late();
        return FragmentAction.Drop;
    }

    private FragmentAction Refuse(string reason)
    {
        Counters.Invalid();
        _observer.OnEvent(this, SessionEvent.BadFrame, reason);
        return FragmentAction.Drop;
    }

    private static bool AreObjectsValid(ReadOnlySpan<byte> objects, out ObjectStatus status)
    {
        MeasurementReader reader = new(objects, isSynchronized: false);
        while (reader.MoveNext())
        {
        }

        status = reader.Status;
        return status == ObjectStatus.Ok;
    }

    /// <summary>Ends a request whose response cannot be used. It is sent again after a wait, as after a time-out.</summary>
    private void FailStep(long now, string reason)
    {
        if (Step == SessionStep.None)
        {
            return;
        }

        SessionStep step = Step;
        EndCommand(step, reason);
        Step = SessionStep.None;
        IsContinuing = false;
        Repeat(step);
        Trouble = reason;
        Counters.Fail();
        WaitsUntil = now + (Options.TimeoutMs * NanosPerMilli);
    }

    private void Finish(ReadOnlySpan<byte> fragment, in ApplicationHeader header, Indications before, long now)
    {
        SessionStep step = Step;
        Step = SessionStep.None;
        ReadOnlySpan<byte> objects = fragment[header.Length..];
        bool isRefused = (header.Indications & Indications.Refused) != 0;
        NoteRefusal(step, isRefused, header.Indications);
        switch (step)
        {
            case SessionStep.ClearRestart:
                _restartIgnoredUntil = (header.Indications & Indications.DeviceRestart) != 0 ? now + RepeatNanos : 0;
                break;
            case SessionStep.Integrity:
                IsSynchronized = true;
                _observer.OnSynchronized(this);
                break;
            case SessionStep.RecordTime or SessionStep.MeasureDelay:
                ContinueTime(step, objects, isRefused, now);
                break;
            case SessionStep.WriteTime:
                _timeIgnoredUntil = now + RepeatNanos;
                if (!isRefused)
                {
                    _observer.OnEvent(this, SessionEvent.TimeSet, "");
                }

                break;
            case SessionStep.Select or SessionStep.Operate or SessionStep.DirectOperate:
                FinishCommand(step, objects, header.Indications);
                break;
        }

        NoteIndications(before, now, hasEvents: step != SessionStep.Events || objects.Length > 0);
    }

    private void NoteRefusal(SessionStep step, bool isRefused, Indications indications)
    {
        bool isCommand = step is SessionStep.Select or SessionStep.Operate or SessionStep.DirectOperate;
        if (isRefused && !isCommand)
        {
            Counters.Fail();
            Trouble = $"the outstation refused the request {step} ({indications & Indications.Refused})";
            _observer.OnEvent(this, SessionEvent.Refused, Trouble);
        }
        else if (step is SessionStep.Integrity or SessionStep.Events)
        {
            Indications failing = indications & (Indications.DeviceTrouble | Indications.ConfigurationCorrupt);
            Trouble = failing == 0 ? null : $"the outstation reports {failing}";
        }
    }

    /// <summary>Acts on internal indications (IEEE 1815, 5.1.1.4).</summary>
    private void NoteIndications(Indications before, long now, bool hasEvents)
    {
        Indications indications = Indications;
        if (Options.SinglePoll is not null)
        {
            return;
        }

        if ((indications & Indications.DeviceRestart) != 0 && (_pending & Pending.ClearRestart) == 0
            && Step != SessionStep.ClearRestart && now >= _restartIgnoredUntil)
        {
            _pending |= Pending.ClearRestart;
            RequireStartUp();
            _observer.OnEvent(this, SessionEvent.Restarted, "");
        }

        if ((indications & Indications.NeedTime) != 0 && Options.TimeSync != Dnp3TimeSync.None && now >= _timeIgnoredUntil
            && !IsContinuing && Step is not (SessionStep.RecordTime or SessionStep.MeasureDelay or SessionStep.WriteTime))
        {
            _pending |= Pending.TimeSync;
        }

        if ((indications & ~before & Indications.EventBufferOverflow) != 0)
        {
            _pending |= Pending.Integrity;
            _observer.OnEvent(this, SessionEvent.EventsLost, "the event buffer of the outstation is full");
        }

        if (hasEvents && IsSynchronized)
        {
            // The outstation sends the other classes by itself.
            _dueClasses |= (Dnp3Classes)((int)(indications & (Indications)0x0E00) >> 8) & ~Options.Unsolicited;
        }
    }
}

namespace Estream.Net.Feeds;

/// <content>Sessions, gaps and snapshots.</content>
public sealed partial class FeedArbiter
{
    /// <summary>Ends the wait for messages that have been missing for longer than the gap timeout. Call it every millisecond while no
    /// packets arrive.</summary>
    public void Poll()
    {
        if (_gapSince != NoGap)
        {
            CheckGap(_clock.MonotonicNanos);
        }
    }

    /// <summary>Continues after a snapshot: drops kept messages that the snapshot contains, and delivers the later messages.</summary>
    /// <param name="lastSequence">The sequence number of the last message that the snapshot contains.</param>
    /// <returns>False if the snapshot is too old: it ends before messages that are delivered, or the message after it is lost. The arbiter
    /// then waits for a later snapshot.</returns>
    /// <exception cref="InvalidOperationException">The arbiter does not wait for a snapshot.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative or above 2^62.</exception>
    public bool TryResume(long lastSequence)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lastSequence);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lastSequence, HighestSequence);
        if (State != FeedState.WaitingForSnapshot)
        {
            throw new InvalidOperationException("The arbiter does not wait for a snapshot. Check State first.");
        }

        long next = lastSequence + 1;
        if (next < _next || (next < _known && !(next < _next + _window.Slots && _window.Has(next))))
        {
            return false;
        }

        Discard(next);
        _known = Math.Max(_known, next);
        State = FeedState.Live;
        _resumed++;
        DeliverHeld();
        NoteGap(_clock.MonotonicNanos);
        EndIfDone();
        return true;
    }

    /// <summary>Starts over, for protocols whose sequence numbers return to the first number within a session. Drops the kept
    /// messages.</summary>
    /// <param name="nextSequence">The sequence number of the next message.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative or above 2^62.</exception>
    public void Reset(long nextSequence)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(nextSequence);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(nextSequence, HighestSequence);
        _window.Clear();
        _next = _known = nextSequence;
        State = FeedState.Live;
        (_gapSince, _hasEnded, _isEndKnown) = (NoGap, false, false);
    }

    // While packets of the session arrive, one forged packet can neither replace the session nor move it far ahead.
    private bool TryEnter(in FeedHeader header, long now, ref Counters counters)
    {
        bool isSilent = !_hasSession || now - _lastNanos > _sessionNanos;
        bool isSame = _hasSession && header.Session == _session;
        if (isSame && (isSilent || header.Sequence - _known <= _maxAhead))
        {
            return true;
        }

        if (!isSilent)
        {
            counters.Implausible += isSame ? 1 : 0;
            counters.OtherSession += isSame ? 0 : 1;
            return false;
        }

        (_session, _hasSession) = (header.Session, true);
        Reset(_firstSequence);
        _handler.OnSession(_session);
        return true;
    }

    private void Finish(in FeedHeader header, long now)
    {
        if (header.Count == 0)
        {
            _known = Math.Max(_known, header.Sequence);
        }

        if (header.IsEnd && header.Sequence >= _known)
        {
            _isEndKnown = true;
        }

        if (_gapSince != NoGap)
        {
            CheckGap(now);
        }

        NoteGap(now);
        EndIfDone();
    }

    private void NoteGap(long now)
    {
        bool isOpen = State == FeedState.Live && _next < _known;
        if (!isOpen)
        {
            _gapSince = NoGap;
        }
        else if (_gapSince == NoGap || _gapNext != _next)
        {
            (_gapSince, _gapNext) = (now, _next);
        }
    }

    private void CheckGap(long now)
    {
        if (State == FeedState.Live && _next < _known && _gapNext == _next && now - _gapSince >= _gapNanos)
        {
            GiveUp(_known);
            NoteGap(now);
            EndIfDone();
        }
    }

    // The handler decides about the messages before the first message in the window.
    private void GiveUp(long limit)
    {
        long first = _next;
        long end = _window.Count == 0 ? limit : first;
        while (_window.Count > 0 && !_window.Has(end))
        {
            end++;
        }

        _gaps++;
        if (_handler.OnGap(new FeedGap(first, end - first)) == FeedGapAction.Skip)
        {
            _lost += end - first;
            _next = end;
            DeliverHeld();
        }
        else
        {
            State = FeedState.WaitingForSnapshot;
        }
    }

    private void MakeSpaceFor(long sequence)
    {
        while (State == FeedState.Live && sequence >= _next + _window.Slots)
        {
            GiveUp(sequence);
        }

        if (sequence >= _next + _window.Slots)
        {
            long next = sequence - _window.Slots + 1;
            int before = _window.Count;
            Discard(next);
            _overrun += before - _window.Count;
        }
    }

    private void Discard(long next)
    {
        if (next - _next >= _window.Slots)
        {
            _window.Clear();
        }

        for (; _next < next && _window.Count > 0; _next++)
        {
            _ = _window.Remove(_next);
        }

        _next = next;
    }

    private void EndIfDone()
    {
        if (_isEndKnown && !_hasEnded && State == FeedState.Live && _next == _known)
        {
            _hasEnded = true;
            _handler.OnEnd(_session);
        }
    }
}

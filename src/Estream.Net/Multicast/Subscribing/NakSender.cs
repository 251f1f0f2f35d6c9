namespace Estream.Net.Multicast.Internal;

/// <summary>
/// Asks for missing ranges: after a random delay and unless another receiver has asked, in steady state; window after window, while the
/// receiver catches up. Not thread-safe; never allocates after creation.
/// </summary>
internal sealed class NakSender
{
    private const int HeardRanges = 64;
    private const long LongestRetryNanos = 500_000_000;

    private readonly PacketOutput _output;
    private readonly NakBackoff _backoff;
    private readonly RetryTimer _timer;
    private readonly Heard[] _heard = new Heard[HeardRanges];
    private readonly NakRange[] _gaps = new NakRange[PacketLayout.MaxNakRanges];
    private int _nextHeard;
    private long _dueAt;
    private long _retryAt;
    private long _retry;
    private long _askedTo;
    private long _askedFrom;
    private long _askedAt;
    private long _placeAtRetry;

    public NakSender(PacketOutput output, MulticastSubscriberOptions options)
    {
        _output = output;
        _backoff = new NakBackoff(
            options.Seed ?? Random.Shared.Next(), options.NakDelay.Ticks * TimeSpan.NanosecondsPerTick);
        _timer = new RetryTimer(options.NakRetry.Ticks * TimeSpan.NanosecondsPerTick);
        _retry = _timer.Nanos;
    }

    /// <summary>Gaps for which a NAK was due.</summary>
    public long Losses { get; private set; }

    /// <summary>Ranges asked for.</summary>
    public long Sent { get; private set; }

    /// <summary>Ranges not asked for because another receiver had.</summary>
    public long Suppressed { get; private set; }

    /// <summary>Forgets what was asked for.</summary>
    public void Restart()
    {
        (_dueAt, _retryAt, _retry, _askedTo, _placeAtRetry) = (0, 0, _timer.Nanos, 0, -1);
        (_askedFrom, _askedAt) = (-1, 0);
    }

    /// <summary>Takes a measured round trip into account.</summary>
    public void OnRoundTrip(long nanos) => _timer.OnRoundTrip(nanos);

    /// <summary>Records what another receiver has asked for.</summary>
    public void Hear(in NakRange range, long now)
    {
        _heard[_nextHeard] = new Heard { Range = range, Until = now + _timer.Nanos };
        _nextHeard = (_nextHeard + 1) % HeardRanges;
    }

    /// <summary>Asks for the next window of the log, straight from the publisher.</summary>
    /// <returns>The number of packets sent.</returns>
    public int Request(in PacketAddress publisher, StreamAssembler stream, long highest, long window, long now)
    {
        Span<NakRange> gap = _gaps.AsSpan(0, 1);
        if (GapFinder.Find(stream.Place, stream.Buffer, highest, gap) == 0)
        {
            return 0;
        }

        // A window that arrives slowly is not asked for again.
        if (stream.Place.End > _placeAtRetry)
        {
            Measure(stream.Place.End, now);
            (_placeAtRetry, _retry, _retryAt) = (stream.Place.End, _timer.Nanos, now + _timer.Nanos);
        }

        if (_askedTo != 0 && gap[0].From < _askedTo && now < _retryAt)
        {
            return 0;
        }

        bool isRepeat = gap[0].From == _askedFrom;
        if (isRepeat)
        {
            Backoff(stream.Place.End, now);
        }

        gap[0] = gap[0] with { To = Math.Min(gap[0].To, gap[0].From + window) };
        if (!_output.TrySend(publisher, PacketType.Nak, PacketFlags.CatchingUp, NakPacket.Write(_output.Body, gap)))
        {
            return 0;
        }

        _askedTo = gap[0].To;
        (_askedFrom, _askedAt) = (gap[0].From, isRepeat ? 0 : now);
        _retryAt = Math.Max(_retryAt, now + _retry);
        Sent++;
        return 1;
    }

    /// <summary>Asks the group for what is missing, when it is due.</summary>
    /// <returns>The number of packets sent.</returns>
    public int Poll(StreamAssembler stream, long highest, int receivers, long now)
    {
        int count = GapFinder.Find(stream.Place, stream.Buffer, highest, _gaps);
        if (count == 0)
        {
            Restart();
            return 0;
        }

        bool isRetryDue = _retryAt != 0 && now >= _retryAt;
        bool hasFresh = _gaps[count - 1].To > _askedTo;
        if (hasFresh && _dueAt == 0)
        {
            _dueAt = now + _backoff.Next(receivers);
        }

        bool isFreshDue = _dueAt != 0 && now >= _dueAt;
        if (!isRetryDue && !isFreshDue)
        {
            return 0;
        }

        int due = SelectDue(count, isRetryDue, isFreshDue, now);
        long askedTo = Math.Max(_askedTo, _gaps[count - 1].To);
        if (due > 0 && !_output.TrySendToGroup(PacketType.Nak, PacketFlags.None, NakPacket.Write(_output.Body, _gaps.AsSpan(0, due))))
        {
            return 0;
        }

        Sent += due;
        _askedTo = askedTo;
        _dueAt = 0;
        if (isRetryDue || _retryAt == 0)
        {
            Backoff(stream.Place.End, now);
        }

        return due > 0 ? 1 : 0;
    }

    // Moves the ranges to ask for to the front. The range at the end keeps its border, by which later losses are recognised as fresh.
    private int SelectDue(int count, bool isRetryDue, bool isFreshDue, long now)
    {
        int due = 0;
        NakRange last = _gaps[count - 1];
        for (int index = 0; index < count; index++)
        {
            NakRange gap = _gaps[index];
            bool isFresh = gap.To > _askedTo;
            if (isFresh ? !isFreshDue : !isRetryDue)
            {
                continue;
            }

            Losses += isFresh ? 1 : 0;
            if (IsHeard(gap, now))
            {
                Suppressed++;
                continue;
            }

            _gaps[due++] = gap;
        }

        if (due < count)
        {
            _gaps[count - 1] = last;
        }

        return due;
    }

    private bool IsHeard(in NakRange gap, long now)
    {
        foreach (ref readonly Heard heard in _heard.AsSpan())
        {
            if (heard.Until > now && heard.Range.Covers(gap))
            {
                return true;
            }
        }

        return false;
    }

    private void Measure(long place, long now)
    {
        if (_askedAt != 0 && place > _askedFrom)
        {
            _timer.OnRoundTrip(now - _askedAt);
            _askedAt = 0;
        }
    }

    private void Backoff(long place, long now)
    {
        _retry = place > _placeAtRetry ? _timer.Nanos : Math.Min(2 * _retry, Math.Max(LongestRetryNanos, _timer.Nanos));
        _placeAtRetry = place;
        _retryAt = now + _retry;
    }

    private struct Heard
    {
        public NakRange Range;
        public long Until;
    }
}

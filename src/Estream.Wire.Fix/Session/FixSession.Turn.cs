using System.Globalization;
using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Session;

namespace Estream.Wire.Fix;

// The order of what comes: what is too early waits, what is too late is a duplicate or the end, what is missing is asked for.
public sealed partial class FixSession
{
    private const int MaxPendingBytes = 4 * 1024 * 1024;

    private long _pendingBytes;

    // The end of the gap that was asked for; 0 for none.
    private long _gapEnd;

    // When something last came of a gap that was not asked for, since our Logon said it; 0 where it was asked for, and for none.
    private long _waitsSince;

    // The first of the messages that waited and were taken since a gap was asked for; no number where none was.
    private long _drainedFrom = long.MaxValue;

    private bool IsInTurn(in FixMessage message, long number)
    {
        long expected = _store.NextIncoming;
        if (number > expected)
        {
            Keep(number, message.Bytes.ToArray());
        }
        else if (number < expected)
        {
            OnTooLow(message, number);
        }

        return number == expected;
    }

    /// <summary>Keeps a message until its turn, and asks for those before it.</summary>
    /// <param name="number">Its number, higher than the next.</param>
    /// <param name="bytes">Its bytes, or null where it was handled out of turn.</param>
    /// <param name="isOnItsWay">Whether those before it come without being asked for.</param>
    private void Keep(long number, byte[]? bytes, bool isOnItsWay = false)
    {
        // What does not fit is missing later, and then asked for again.
        int length = bytes?.Length ?? 0;
        bool isRoom = _pending.Count < _options.MaxPendingMessages && _pendingBytes + length <= MaxPendingBytes;
        if (isRoom && _pending.TryAdd(number, bytes))
        {
            _pendingBytes += length;
        }

        if (isOnItsWay)
        {
            _gapEnd = number - 1;
            _drainedFrom = long.MaxValue;
            _waitsSince = _clock.MonotonicNanos;
        }
        else
        {
            RequestResend(number);
        }
    }

    /// <summary>Asks for everything from the next number on, or for as much as may be asked for at once, and not again until that has
    /// come.</summary>
    private void RequestResend(long number)
    {
        // A counterparty that says what it expects, and sends nothing of what we do, is asked after all.
        bool isOverdue = _waitsSince != 0 && _clock.MonotonicNanos - _waitsSince >= _options.LogonTimeoutSeconds * NanosPerSecond;
        if (_gapEnd != 0 && !isOverdue)
        {
            return;
        }

        _waitsSince = 0;
        long first = _store.NextIncoming;
        bool isWhole = _options.MaxResendRequest == 0;
        _gapEnd = isWhole ? number - 1 : Math.Min(number - 1, first + _options.MaxResendRequest - 1);
        _drainedFrom = long.MaxValue;
        Counters.AskAgain();
        _admin.Clear("2").Add(Tag.BeginSeqNo, first).Add(Tag.EndSeqNo, isWhole ? 0 : _gapEnd);
        Transmit(_admin);
    }

    private void OnTooLow(in FixMessage message, long number)
    {
        if (!message.Fields.Is(Tag.PossDupFlag, "Y"u8))
        {
            CloseWith(TooLow(number));
            return;
        }

        if (TypeOf(message) == MsgTypes.SequenceReset)
        {
            return;
        }

        // A duplicate: ignored, if it says when it was sent first.
        if (!message.Fields.TryGetTime(Tag.OrigSendingTime, out long original))
        {
            Reject(message, number, FixFault.Of(FixRejectReason.RequiredTagMissing, Tag.OrigSendingTime));
        }
        else if (message.Fields.TryGetTime(Tag.SendingTime, out long sent) && original > sent)
        {
            Reject(message, number, FixFault.Of(FixRejectReason.SendingTimeAccuracy));
            StartLogout(null);
        }
    }

    private string TooLow(long number)
    {
        return string.Create(CultureInfo.InvariantCulture, $"MsgSeqNum too low, expecting {_store.NextIncoming} but received {number}");
    }

    private void OnSequenceReset(in FixMessage message, long number)
    {
        bool isGapFill = message.Fields.Is(Tag.GapFillFlag, "Y"u8);

        // What waited was taken when the gap before it was filled. Where the counterparty then goes on to send it again, as a gap of which
        // it was the first, that gap ends behind it, and nothing else will say so.
        bool isBehindGap = isGapFill && number < _store.NextIncoming && number >= _drainedFrom && message.Fields.Is(Tag.PossDupFlag, "Y"u8);
        if (isGapFill && !isBehindGap && !IsInTurn(message, number))
        {
            return;
        }

        FixFault fault = _validator.Validate(message);
        message.Fields.TryGetNumber(Tag.NewSeqNo, out long next);
        if (!fault.IsFault && next < _store.NextIncoming && !isBehindGap)
        {
            fault = FixFault.Of(FixRejectReason.ValueOutOfRange);
        }

        if (fault.IsFault)
        {
            // One that resets has no turn: whatever its number is, it does not count.
            Reject(message, number, fault, counts: isGapFill);
        }
        else
        {
            Expect(Math.Max(next, _store.NextIncoming));
        }
    }

    private void ForgetGaps()
    {
        _pending.Clear();
        _pendingBytes = 0;
        _gapEnd = 0;
        _waitsSince = 0;
        _drainedFrom = long.MaxValue;
        EndResend();
    }

    /// <summary>Takes the messages whose turn has come.</summary>
    private void Drain()
    {
        while (_state is State.LoggedOn or State.LoggingOut && !_isHeld && _pending.Count > 0)
        {
            (long number, byte[]? bytes) = _pending.First();
            if (number > _store.NextIncoming)
            {
                // Behind a gap that was filled there may be another: what did not fit into the pending ones.
                RequestResend(number);
                return;
            }

            _pending.Remove(number);
            _pendingBytes -= bytes?.Length ?? 0;
            if (number == _store.NextIncoming)
            {
                _drainedFrom = _drainedFrom == long.MaxValue ? number : _drainedFrom;
                TakePending(number, bytes);
            }
        }
    }

    private void TakePending(long number, byte[]? bytes)
    {
        if (bytes is null)
        {
            Count(number);
            return;
        }

        _index.Parse(bytes);
        Dispatch(new FixMessage(bytes, _index), number);
    }
}

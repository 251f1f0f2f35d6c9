using System.Globalization;
using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Session;

namespace Estream.Wire.Fix;

// Sequence numbers of received messages: early messages are kept pending, late messages are duplicates or errors, and missing messages are
// requested.
public sealed partial class FixSession
{
    private const int MaxPendingBytes = 4 * 1024 * 1024;

    private long _pendingBytes;

    // The last MsgSeqNum of the open gap; 0 for none.
    private long _gapEnd;

    // The time of the last progress on a gap that was announced by our Logon (789) instead of a ResendRequest; 0 otherwise.
    private long _waitsSince;

    // The first pending message delivered since the last ResendRequest; long.MaxValue if there is none.
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

    /// <summary>Keeps an early message as pending, and requests the messages before it.</summary>
    /// <param name="number">The MsgSeqNum, higher than expected.</param>
    /// <param name="bytes">The message, or null if it was handled out of sequence.</param>
    /// <param name="isOnItsWay">Whether the counterparty resends the earlier messages unasked.</param>
    private void Keep(long number, byte[]? bytes, bool isOnItsWay = false)
    {
        // A message that does not fit is dropped, and requested again later.
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

    /// <summary>Sends a ResendRequest from the expected number on, limited by MaxResendRequest. Does nothing while an earlier request is
    /// open.</summary>
    private void RequestResend(long number)
    {
        // A counterparty that uses NextExpectedMsgSeqNum but does not resend is sent a ResendRequest after a timeout.
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

        // The message is a duplicate. It is ignored if it has a valid OrigSendingTime.
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

        // Pending messages were delivered when the gap before them was filled. The counterparty may still cover them with a GapFill that
        // ends after them. That GapFill must be applied, because no other message states its end.
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
            // The MsgSeqNum of a SequenceReset-Reset is ignored and does not count.
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

    /// <summary>Processes the pending messages that are now in sequence.</summary>
    private void Drain()
    {
        while (_state is State.LoggedOn or State.LoggingOut && !_isHeld && _pending.Count > 0)
        {
            (long number, byte[]? bytes) = _pending.First();
            if (number > _store.NextIncoming)
            {
                // Another gap can follow a filled one: messages that did not fit into the pending list.
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

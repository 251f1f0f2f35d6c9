using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Session;

namespace Estream.Wire.Fix;

// Answers to ResendRequests, in slices: a request may cover more than a connection should buffer.
public sealed partial class FixSession
{
    private const int SliceMessages = 64;
    private const int SliceBytes = 1024 * 1024;
    private const int SliceNumbers = 4_096;
    private const long EndlessBefore43 = 999_999;

    private readonly FixFieldIndex _resendIndex;
    private readonly List<(int Tag, byte[] Value)> _resendHeader = [];
    private long _resendNext = 1;
    private long _resendEnd;

    // The first MsgSeqNum of the current run of messages that are not resent; 0 for none.
    private long _resendGap;

    // Whether a ResendRequest was answered and the answer may not have been written to the connection yet.
    private bool _isFlushDue;

    /// <summary>Sends the next slice of the requested messages.</summary>
    /// <returns>True if the caller must flush and call again: more messages remain, or a request was answered. The connection reads nothing
    /// meanwhile, so that the answers to many small requests cannot fill the memory.</returns>
    internal bool ContinueResend()
    {
        lock (_gate)
        {
            long lastNumber = Math.Min(_resendEnd, _resendNext + SliceNumbers - 1);
            int messages = 0;
            int bytes = 0;
            for (; messages < SliceMessages && bytes < SliceBytes && _resendNext <= lastNumber && _state != State.Closed; _resendNext++)
            {
                if (_store.TryRead(_resendNext, out ReadOnlySpan<byte> message) && TrySendAgain(message))
                {
                    messages++;
                    bytes += message.Length;
                }
                else if (_resendGap == 0)
                {
                    _resendGap = _resendNext;
                }
            }

            if (_resendNext <= _resendEnd && _state != State.Closed)
            {
                return true;
            }

            FillGap(_resendEnd + 1);
            EndResend();
            bool isFlushDue = _isFlushDue;
            _isFlushDue = false;
            return isFlushDue;
        }
    }

    private void OnResendRequest(in FixMessage message, long number)
    {
        FixFault fault = _validator.Validate(message);
        message.Fields.TryGetNumber(Tag.BeginSeqNo, out long begin);
        message.Fields.TryGetNumber(Tag.EndSeqNo, out long end);
        if (!fault.IsFault && (begin < 1 || (end != 0 && end < begin)))
        {
            fault = FixFault.Of(FixRejectReason.ValueOutOfRange, begin < 1 ? Tag.BeginSeqNo : Tag.EndSeqNo);
        }

        if (fault.IsFault)
        {
            Reject(message, number, fault);
            return;
        }

        long last = _store.NextOutgoing - 1;
        StartResend(begin, end is 0 or EndlessBefore43 ? last : Math.Min(end, last));
        _isFlushDue = true;

        // A ResendRequest is answered with any MsgSeqNum. Otherwise two sides that miss messages would wait for each other forever.
        if (number > _store.NextIncoming)
        {
            Keep(number, null);
        }
        else
        {
            Count(number);
        }
    }

    private void StartResend(long begin, long end)
    {
        if (begin > end)
        {
            return;
        }

        bool isUnderWay = _resendNext <= _resendEnd;
        FillGap(_resendNext);
        _resendNext = isUnderWay ? Math.Min(begin, _resendNext) : begin;
        _resendEnd = isUnderWay ? Math.Max(end, _resendEnd) : end;
        ContinueResend();
    }

    private void EndResend()
    {
        _resendNext = 1;
        _resendEnd = 0;
        _resendGap = 0;
    }

    /// <returns>False for a session message, which is never resent.</returns>
    private bool TrySendAgain(ReadOnlySpan<byte> stored)
    {
        _resendIndex.Parse(stored);
        FixMessage message = new(stored, _resendIndex);
        if (MsgTypes.IsOfSession(message.MsgType) || !message.Fields.TryGet(Tag.SendingTime, out ReadOnlySpan<byte> firstTime))
        {
            return false;
        }

        FillGap(_resendNext);
        _resendHeader.Clear();
        int field = 3;
        int bodyStart = 0;
        for (; field < _resendIndex.Count && Tag.IsHeader(_resendIndex.TagOf(field)); field++)
        {
            bodyStart = _resendIndex.StartOf(field) + _resendIndex.LengthOf(field) + 1;
            if (!FixMessageBuilder.IsOfSession(_resendIndex.TagOf(field)))
            {
                _resendHeader.Add((_resendIndex.TagOf(field), message.Fields[field].Value.ToArray()));
            }
        }

        ReadOnlySpan<byte> body = stored[bodyStart..^FixFrame.TrailerLength];
        Emit(Write(message.MsgType, _resendNext, _resendHeader, body, isAgain: true, firstTime));
        Counters.SendAgain();
        return true;
    }

    /// <summary>Sends one SequenceReset-GapFill for the current run of messages that are not resent.</summary>
    private void FillGap(long next)
    {
        if (_resendGap == 0 || _state == State.Closed)
        {
            return;
        }

        _admin.Clear("4").Add(Tag.NewSeqNo, next).Add(Tag.GapFillFlag, "Y"u8);
        Emit(Write("4"u8, _resendGap, [], _admin.Body, isAgain: true, default));
        _resendGap = 0;
    }
}

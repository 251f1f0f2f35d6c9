using System.Text;
using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Session;

namespace Estream.Wire.Fix;

// Sending: messages are numbered, stored, then sent.
public sealed partial class FixSession
{
    private const int MaxCompIdBytes = 64;
    private const int UnsupportedMessageType = 3;

    // Space for PossDupFlag, OrigSendingTime and one more digit of BodyLength, so that a resent message still fits.
    private const int AgainBytes = 5 + 5 + FixText.TimeLength + 1;

    // The last SessionRejectReason of FIX 4.2 is InvalidMsgType; later reasons do not exist there.
    private const FixRejectReason LastOfFix42 = FixRejectReason.InvalidMsgType;

    private static readonly (int From, int To)[] s_routes =
    [
        (Tag.OnBehalfOfCompId, Tag.DeliverToCompId),
        (Tag.OnBehalfOfSubId, Tag.DeliverToSubId),
        (Tag.OnBehalfOfLocationId, Tag.DeliverToLocationId),
        (Tag.DeliverToCompId, Tag.OnBehalfOfCompId),
        (Tag.DeliverToSubId, Tag.OnBehalfOfSubId),
        (Tag.DeliverToLocationId, Tag.OnBehalfOfLocationId),
    ];

    private readonly FixMessageBuilder _admin = new("0");
    private readonly byte[] _senderCompId;
    private readonly byte[] _targetCompId;
    private byte[] _buffer = new byte[1024];

    /// <summary>Sends an application message. When this returns <see cref="FixSendStatus.Sent"/>, the message is numbered, stored and
    /// queued for sending. Thread-safe.</summary>
    /// <exception cref="ArgumentException">The message is of a session type.</exception>
    public FixSendStatus Send(FixMessageBuilder message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (message.MsgType.Length == 1 && MsgTypes.IsOfSession([(byte)message.MsgType[0]]))
        {
            throw new ArgumentException($"Messages of type {message.MsgType} are sent by the session itself.", nameof(message));
        }

        lock (_gate)
        {
            if (_state != State.LoggedOn)
            {
                return FixSendStatus.NotLoggedOn;
            }

            return Transmit(message);
        }
    }

    private static byte[] CompId(string name, string option)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        return bytes.Length is > 0 and <= MaxCompIdBytes && !bytes.Contains(FixText.Soh)
            ? bytes
            : throw new ArgumentException($"{option} '{name}' is not accepted; write a name of 1 to {MaxCompIdBytes} bytes.", option);
    }

    private FixSendStatus Transmit(FixMessageBuilder message)
    {
        // Check the length before writing, because the buffer keeps the size of the largest message.
        if (message.BodyLength > _options.MaxMessageBytes)
        {
            return FixSendStatus.TooLong;
        }

        Span<byte> msgType = stackalloc byte[FixMessageBuilder.MaxMsgTypeLength];
        int length = Encoding.ASCII.GetBytes(message.MsgType, msgType);
        ReadOnlySpan<byte> bytes = Write(msgType[..length], _store.NextOutgoing, message.Header, message.Body, isAgain: false, default);
        if (bytes.Length > _options.MaxMessageBytes - AgainBytes)
        {
            return FixSendStatus.TooLong;
        }

        _store.Append(bytes);
        Emit(bytes);
        return FixSendStatus.Sent;
    }

    private void Emit(ReadOnlySpan<byte> message)
    {
        _lastSent = _clock.MonotonicNanos;
        Counters.Send();
        _output?.Send(message);
    }

    /// <summary>Writes a complete message, valid until the next call.</summary>
    /// <param name="msgType">MsgType.</param>
    /// <param name="number">MsgSeqNum.</param>
    /// <param name="header">Other header fields, in ascending order.</param>
    /// <param name="body">The encoded body.</param>
    /// <param name="isAgain">Whether this number was used before; sets PossDupFlag.</param>
    /// <param name="firstTime">OrigSendingTime of a resent message; empty for the current time.</param>
    private ReadOnlySpan<byte> Write(
        ReadOnlySpan<byte> msgType,
        long number,
        List<(int Tag, byte[] Value)> header,
        ReadOnlySpan<byte> body,
        bool isAgain,
        ReadOnlySpan<byte> firstTime)
    {
        header = WithIdentity(header);
        int room = RoomFor(header, body.Length);
        if (_buffer.Length < room)
        {
            _buffer = new byte[room];
        }

        Span<byte> now = stackalloc byte[FixText.TimeLength];
        FixText.WriteTime(now, _clock.UtcNanos);
        FixMessageWriter writer = new(_buffer);
        int extra = 0;
        writer.Write(Tag.MsgType, msgType);
        WriteBefore(ref writer, header, ref extra, Tag.MsgSeqNum);
        writer.Write(Tag.MsgSeqNum, number);
        if (isAgain)
        {
            writer.Write(Tag.PossDupFlag, "Y"u8);
        }

        WriteBefore(ref writer, header, ref extra, Tag.SenderCompId);
        writer.Write(Tag.SenderCompId, _senderCompId);
        WriteBefore(ref writer, header, ref extra, Tag.SendingTime);
        writer.Write(Tag.SendingTime, now);
        WriteBefore(ref writer, header, ref extra, Tag.TargetCompId);
        writer.Write(Tag.TargetCompId, _targetCompId);
        WriteBefore(ref writer, header, ref extra, Tag.OrigSendingTime);
        if (isAgain)
        {
            writer.Write(Tag.OrigSendingTime, firstTime.IsEmpty ? now : firstTime);
        }

        WriteBefore(ref writer, header, ref extra, int.MaxValue);
        writer.WriteRaw(body);
        int length = writer.Finish(_options.Protocol.BeginStringSpan, out int start);
        return _buffer.AsSpan(start, length);
    }

    private static void WriteBefore(
        ref FixMessageWriter writer, List<(int Tag, byte[] Value)> header, ref int extra, int tag)
    {
        for (; extra < header.Count && header[extra].Tag < tag; extra++)
        {
            writer.Write(header[extra].Tag, header[extra].Value);
        }
    }

    private int RoomFor(List<(int Tag, byte[] Value)> header, int bodyLength)
    {
        const int FixedFields = 7;
        const int FixedValues = FixMessageBuilder.MaxMsgTypeLength + FixText.MaxNumberLength + 1 + (2 * 32);
        int room = FixMessageWriter.Overhead + (FixedFields * FixMessageWriter.FieldOverhead) + FixedValues
            + _senderCompId.Length + _targetCompId.Length + bodyLength;
        for (int place = 0; place < header.Count; place++)
        {
            room += FixMessageWriter.FieldOverhead + header[place].Value.Length;
        }

        return room;
    }

    private void SendHeartbeat(bool isAnswer, ReadOnlySpan<byte> testReqId)
    {
        _admin.Clear("0");
        if (isAnswer)
        {
            _admin.AddAsItCame(Tag.TestReqId, testReqId);
        }

        Transmit(_admin);
    }

    private void SendTestRequest()
    {
        _admin.Clear("1").Add(Tag.TestReqId, "TEST"u8);
        Transmit(_admin);
    }

    /// <summary>Answers a message with a Reject. If its MsgSeqNum was the expected one, it counts as received.</summary>
    private void Reject(in FixMessage message, long number, FixFault fault, bool counts = true)
    {
        Counters.Reject(fault.Reason);
        Rejections?.Add(fault.Text, null, null, TargetCompId);
        _admin.Clear("3").Add(Tag.RefSeqNum, number).Add(Tag.Text, fault.Text);
        if (fault.RefTag != FixFault.NoTag)
        {
            _admin.Add(Tag.RefTagId, fault.RefTag);
        }

        AddRefMsgType(message);
        if (_options.Protocol.BeginString != "FIX.4.2" || fault.Reason <= LastOfFix42)
        {
            _admin.Add(Tag.SessionRejectReason, (int)fault.Reason);
        }

        if (counts)
        {
            Count(number);
        }

        Answer(message);
    }

    /// <summary>Answers a message that the application does not support with a Business Message Reject.</summary>
    private void RejectType(in FixMessage message, long number)
    {
        Counters.RejectType();
        _admin.Clear("j").Add(Tag.RefSeqNum, number).Add(Tag.Text, "Unsupported Message Type");
        AddRefMsgType(message);
        _admin.Add(Tag.BusinessRejectReason, UnsupportedMessageType);
        if (Protocol.DefaultApplVerId is { } applVerId)
        {
            _admin.Add(Tag.DefaultApplVerId, applVerId);
        }

        Answer(message);
    }

    /// <summary>
    /// Sends the content of <see cref="_admin"/> to the party on whose behalf a message came. The stored copy omits that route, because the
    /// party behind a counterparty may be private, as the submitter of an order is. A resend is addressed to the counterparty alone.
    /// </summary>
    private void Answer(in FixMessage message)
    {
        byte[] msgType = Encoding.ASCII.GetBytes(_admin.MsgType);
        long number = _store.NextOutgoing;
        int longest = _options.MaxMessageBytes - AgainBytes;
        ReadOnlySpan<byte> kept = Write(msgType, number, _admin.Header, _admin.Body, isAgain: false, default);
        if (kept.Length > longest)
        {
            return;
        }

        _store.Append(kept);
        AddRoute(message);
        ReadOnlySpan<byte> sent = Write(msgType, number, _admin.Header, _admin.Body, isAgain: false, default);
        Emit(sent.Length <= longest ? sent : Write(msgType, number, [], _admin.Body, isAgain: false, default));
    }

    private void AddRefMsgType(in FixMessage message)
    {
        if (!message.MsgType.IsEmpty)
        {
            _admin.Add(Tag.RefMsgType, message.MsgType);
        }
    }

    /// <summary>Swaps the OnBehalfOf and DeliverTo fields of a message for its answer.</summary>
    private void AddRoute(in FixMessage message)
    {
        foreach ((int from, int to) in s_routes)
        {
            if (message.Fields.TryGet(from, out ReadOnlySpan<byte> value) && !value.IsEmpty)
            {
                _admin.AddHeader(to, value);
            }
        }
    }
}

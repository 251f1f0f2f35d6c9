using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Estream.Core;
using Estream.Wire.Iso20022.Xml;

namespace Estream.Wire.Iso20022.Connections;

/// <summary>Collects the answers of a listener as frames. Answers to stored messages allocate nothing. Not thread-safe.</summary>
internal sealed class AnswerWriter
{
    /// <summary>The reference in an admi.002 about a message whose id cannot be read.</summary>
    public const string NoReference = "NOTAVAILABLE";

    private const string ReportDefinition = "pacs.002.001.10";
    private const string RejectDefinition = "admi.002.001.01";
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
    private const int MaxReasonChars = 35;
    private const int MaxTextChars = 350;
    private const int MaxShortBytes = 64;

    private readonly IClock _clock;
    private readonly ArrayBufferWriter<byte> _frames = new(4 * 1024);
    private readonly ArrayBufferWriter<byte> _message = new(1024);
    private readonly XmlOutput _xml;

    public AnswerWriter(IClock clock)
    {
        _clock = clock;
        _xml = new XmlOutput(_message);
    }

    /// <summary>The frames that were not cleared yet.</summary>
    public ReadOnlyMemory<byte> Frames => _frames.WrittenMemory;

    /// <summary>Removes the frames after they were sent.</summary>
    public void Clear() => _frames.ResetWrittenCount();

    /// <summary>Adds the frame <c>ACK</c>: a message is stored.</summary>
    public void Acknowledge()
    {
        _message.Write("ACK"u8);
        Enclose();
    }

    /// <summary>Adds the frame <c>NAK text</c>: a message is not stored.</summary>
    /// <param name="text">The reason, without values of the message.</param>
    public void Refuse(string text)
    {
        Encoding.UTF8.GetBytes($"NAK {Cut(text, MaxTextChars)}", _message);
        Enclose();
    }

    /// <summary>Adds a pacs.002 with the group status RCVD: the payments of a message are stored.</summary>
    /// <param name="messageId">The id of the message.</param>
    /// <param name="definition">The name and version of the message.</param>
    public void Receive(ReadOnlySpan<byte> messageId, string definition)
    {
        Begin(ReportDefinition);
        _xml.Begin("FIToFIPmtStsRpt"u8);
        _xml.Begin("GrpHdr"u8);
        Span<byte> id = stackalloc byte[MaxShortBytes];
        Guid.CreateVersion7().TryFormat(id, out int length, "N");
        Element("MsgId"u8, id[..length]);
        Time("CreDtTm"u8);
        _xml.End("GrpHdr"u8);
        _xml.Begin("OrgnlGrpInfAndSts"u8);
        Element("OrgnlMsgId"u8, messageId);
        Element("OrgnlMsgNmId"u8, definition);
        Element("GrpSts"u8, "RCVD"u8);
        _xml.End("OrgnlGrpInfAndSts"u8);
        _xml.End("FIToFIPmtStsRpt"u8);
        End();
    }

    /// <summary>Adds an admi.002: a message is not stored.</summary>
    /// <param name="messageId">The id of the message; empty if it cannot be read.</param>
    /// <param name="reason">The kind of the error.</param>
    /// <param name="text">The error, without values of the message.</param>
    public void Reject(ReadOnlySpan<byte> messageId, string reason, string text)
    {
        Begin(RejectDefinition);
        _xml.Begin("admi.002.001.01"u8);
        _xml.Begin("RltdRef"u8);
        Element("Ref"u8, messageId);
        _xml.End("RltdRef"u8);
        _xml.Begin("Rsn"u8);
        Element("RjctgPtyRsn"u8, Encoding.UTF8.GetBytes(Cut(reason, MaxReasonChars)));
        Time("RjctnDtTm"u8);
        Element("RsnDesc"u8, Encoding.UTF8.GetBytes(Cut(text, MaxTextChars)));
        _xml.End("Rsn"u8);
        _xml.End("admi.002.001.01"u8);
        End();
    }

    private static string Cut(string text, int max) => text.Length <= max ? text : text[..max];

    private void Begin(string definition)
    {
        Span<byte> space = stackalloc byte[MaxShortBytes];
        "urn:iso:std:iso:20022:tech:xsd:"u8.CopyTo(space);
        int length = "urn:iso:std:iso:20022:tech:xsd:"u8.Length;
        length += Encoding.ASCII.GetBytes(definition, space[length..]);
        _xml.Begin("Document"u8);
        _xml.TryAttribute("xmlns"u8, space[..length]);
    }

    private void End()
    {
        _xml.End("Document"u8);
        Enclose();
    }

    private void Element(ReadOnlySpan<byte> name, string value)
    {
        Span<byte> space = stackalloc byte[MaxShortBytes];
        Element(name, space[..Encoding.ASCII.GetBytes(value, space)]);
    }

    private void Element(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        _xml.Begin(name);
        if (value.IsEmpty || !_xml.TryText(value))
        {
            _xml.TryText("NOTAVAILABLE"u8);
        }

        _xml.End(name);
    }

    private void Time(ReadOnlySpan<byte> name)
    {
        Span<byte> space = stackalloc byte[MaxShortBytes];
        DateTime now = DateTime.UnixEpoch.AddTicks(_clock.UtcNanos / TimeSpan.NanosecondsPerTick);
        now.TryFormat(space, out int length, TimeFormat, CultureInfo.InvariantCulture);
        Element(name, space[..length]);
    }

    private void Enclose()
    {
        BinaryPrimitives.WriteInt32BigEndian(_frames.GetSpan(FrameBuffer.PrefixBytes), _message.WrittenCount);
        _frames.Advance(FrameBuffer.PrefixBytes);
        _frames.Write(_message.WrittenSpan);
        _message.Clear();
    }
}

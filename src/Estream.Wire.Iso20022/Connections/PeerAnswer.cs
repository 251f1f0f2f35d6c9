using System.Text;
using System.Xml;

namespace Estream.Wire.Iso20022.Connections;

/// <summary>An answer of a peer that is not a pacs.002: a frame <c>ACK</c> or <c>NAK reason</c>, or an admi.002.</summary>
/// <param name="MessageId">The message; null if the answer names none.</param>
/// <param name="IsAccepted">Whether the peer has stored the message.</param>
/// <param name="Text">Why the peer rejected the message.</param>
internal sealed record PeerAnswer(string? MessageId, bool IsAccepted, string Text)
{
    private const string Namespace = "urn:iso:std:iso:20022:tech:xsd:admi.002.";
    private const int MaxTextChars = 350;
    private const int MaxRejectBytes = 64 * 1024;

    private static readonly XmlReaderSettings s_reading = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = MaxRejectBytes,
    };

    /// <summary>Whether a frame is <c>ACK</c> or <c>NAK</c>.</summary>
    public static bool IsAcknowledgement(ReadOnlySpan<byte> frame) =>
        frame.SequenceEqual("ACK"u8) || frame.SequenceEqual("NAK"u8) || frame.StartsWith("NAK "u8);

    /// <summary>Whether a frame without a known message is an admi.002, which is never answered.</summary>
    public static bool IsReject(ReadOnlySpan<byte> frame) => frame.IndexOf("urn:iso:std:iso:20022:tech:xsd:admi.002."u8) >= 0;

    /// <summary>Reads a frame <c>ACK</c> or <c>NAK</c>.</summary>
    public static PeerAnswer ReadAcknowledgement(ReadOnlySpan<byte> frame) => frame[0] == (byte)'A'
        ? new PeerAnswer(null, true, "")
        : new PeerAnswer(null, false, Cut(Encoding.UTF8.GetString(frame[3..])));

    /// <summary>Reads an admi.002 in XML.</summary>
    /// <param name="frame">The frame.</param>
    /// <returns>Null if the frame is not a readable admi.002.</returns>
    public static PeerAnswer? ReadReject(ReadOnlySpan<byte> frame)
    {
        if (frame.Length > MaxRejectBytes)
        {
            return null;
        }

        string? reference = null;
        string text = "";
        try
        {
            using MemoryStream stream = new(frame.ToArray(), writable: false);
            using XmlReader reader = XmlReader.Create(stream, s_reading);
            while (!reader.EOF)
            {
                string name = reader.NodeType == XmlNodeType.Element
                    && reader.NamespaceURI.StartsWith(Namespace, StringComparison.Ordinal) ? reader.LocalName : "";
                if (name == "Ref")
                {
                    reference = reader.ReadElementContentAsString();
                }
                else if (name is "RjctgPtyRsn" or "RsnDesc")
                {
                    text = $"{text} {reader.ReadElementContentAsString()}";
                }
                else
                {
                    reader.Read();
                }
            }
        }
        catch (XmlException)
        {
            return null;
        }

        return new PeerAnswer(reference == AnswerWriter.NoReference ? null : reference, false, Cut(text));
    }

    /// <summary>Shortens the text of a peer to one line of printable characters.</summary>
    private static string Cut(string text)
    {
        string line = string.Concat(text.Select(one => char.IsControl(one) ? ' ' : one)).Trim();
        return line.Length <= MaxTextChars ? line : line[..MaxTextChars];
    }
}

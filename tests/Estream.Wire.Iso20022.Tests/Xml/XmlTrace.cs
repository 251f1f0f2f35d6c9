using System.Text;
using Estream.Wire.Iso20022.Xml;

namespace Estream.Wire.Iso20022.Tests.Xml;

/// <summary>The tokens of a document as comparable text: <c>+{namespace}name{namespace}attribute=value</c>, <c>'text'</c> and
/// <c>-</c>, one per line.</summary>
internal sealed class XmlTrace : IXmlSink
{
    private readonly StringBuilder _lines = new();
    private readonly StringBuilder _text = new();

    /// <summary>Returns the trace of a document in pieces.</summary>
    public static (string Lines, Iso20022Fault Fault) Of(IEnumerable<byte[]> pieces, Iso20022Limits? limits = null)
    {
        XmlFeed feed = new(limits ?? new Iso20022Limits());
        XmlTrace trace = new();
        XmlReadStatus status = XmlReadStatus.NeedMore;
        byte[][] all = [.. pieces];
        for (int index = 0; index < all.Length && status == XmlReadStatus.NeedMore; index++)
        {
            status = feed.Push(all[index], index == all.Length - 1, trace);
        }

        Assert.Equal(status == XmlReadStatus.Refused, feed.Fault.IsFault);
        Assert.NotEqual(XmlReadStatus.NeedMore, status);
        trace.Flush();
        return (trace._lines.ToString(), feed.Fault);
    }

    /// <summary>Returns the trace of a complete document.</summary>
    public static (string Lines, Iso20022Fault Fault) Of(byte[] document, Iso20022Limits? limits = null) => Of([document], limits);

    /// <summary>Returns the trace of a document that must be valid.</summary>
    public static string OfGood(string document)
    {
        (string lines, Iso20022Fault fault) = Of(Encoding.UTF8.GetBytes(document));
        Assert.False(fault.IsFault, $"{fault}: {document}");
        return lines;
    }

    public bool Take(scoped in XmlTokenReader token)
    {
        if (token.Kind == XmlTokenKind.Text)
        {
            _text.Append(Decoded(token.Raw, token.TextKind, token.IsPlain));
            return true;
        }

        Flush();
        if (token.Kind == XmlTokenKind.End)
        {
            _lines.Append("-\n");
            return true;
        }

        _lines.Append('+').Append(Name(token.NamespaceUri, token.LocalName));
        for (int index = 0; index < token.AttributeCount; index++)
        {
            XmlAttribute attribute = token.Attribute(index);
            _lines.Append(Name(attribute.NamespaceUri, attribute.LocalName)).Append('=')
                .Append(Decoded(attribute.Raw, XmlTextKind.Attribute, isPlain: false));
        }

        _lines.Append('\n');
        return true;
    }

    private void Flush()
    {
        if (_text.Length > 0)
        {
            _lines.Append('\'').Append(_text).Append("'\n");
            _text.Clear();
        }
    }

    private static string Decoded(ReadOnlySpan<byte> raw, XmlTextKind kind, bool isPlain)
    {
        byte[] room = new byte[raw.Length];
        string decoded = Encoding.UTF8.GetString(room, 0, XmlText.Decode(raw, kind, room));
        Assert.True(!isPlain || raw.SequenceEqual(Encoding.UTF8.GetBytes(decoded)), "text that is called plain means something else");
        return decoded;
    }

    private static string Name(ReadOnlySpan<byte> uri, ReadOnlySpan<byte> local) =>
        $"{{{Encoding.UTF8.GetString(uri)}}}{Encoding.UTF8.GetString(local)}";
}

using System.Buffers;
using System.Text;
using System.Xml;

namespace Estream.Wire.Iso20022.Tests.Xml;

/// <summary>The result of System.Xml for a document, in the form of <see cref="XmlTrace"/>.</summary>
internal static class XmlJudge
{
    private const string Declarations = "http://www.w3.org/2000/xmlns/";

    private static readonly SearchValues<char> s_versionCharacters = SearchValues.Create("0123456789.");

    /// <summary>Returns the trace of a document; null, with a reason, if it is not well-formed.</summary>
    public static string? Trace(byte[] document, out string? why)
    {
        StringBuilder lines = new();
        StringBuilder text = new();
        XmlReaderSettings settings = new()
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
        };
        try
        {
            using XmlReader reader = XmlReader.Create(new MemoryStream(document), settings);
            while (reader.Read())
            {
                // XmlReader accepts spaces around a version, which XML 1.0 (26) does not.
                if (reader.NodeType == XmlNodeType.XmlDeclaration && reader.GetAttribute("version").AsSpan()
                    .ContainsAnyExcept(s_versionCharacters))
                {
                    why = "the version is no number";
                    return null;
                }

                Take(reader, lines, text);
            }
        }
        catch (XmlException e)
        {
            why = e.Message;
            return null;
        }

        why = null;
        return lines.ToString();
    }

    private static void Take(XmlReader reader, StringBuilder lines, StringBuilder text)
    {
        switch (reader.NodeType)
        {
            case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace:
                text.Append(reader.Depth > 0 ? reader.Value : "");
                break;
            case XmlNodeType.Element:
                Flush(lines, text);
                TakeStart(reader, lines);
                break;
            case XmlNodeType.EndElement:
                Flush(lines, text);
                lines.Append("-\n");
                break;
        }
    }

    private static void TakeStart(XmlReader reader, StringBuilder lines)
    {
        bool isEmpty = reader.IsEmptyElement;
        lines.Append('+').Append(Name(reader));
        for (int index = 0; index < reader.AttributeCount; index++)
        {
            reader.MoveToAttribute(index);
            if (reader.NamespaceURI != Declarations)
            {
                lines.Append(Name(reader)).Append('=').Append(reader.Value);
            }
        }

        lines.Append(isEmpty ? "\n-\n" : "\n");
    }

    private static void Flush(StringBuilder lines, StringBuilder text)
    {
        if (text.Length > 0)
        {
            lines.Append('\'').Append(text).Append("'\n");
            text.Clear();
        }
    }

    private static string Name(XmlReader reader) => $"{{{reader.NamespaceURI}}}{reader.LocalName}";
}

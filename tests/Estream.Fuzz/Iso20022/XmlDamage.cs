using System.Text;

namespace Estream.Fuzz.Iso20022;

/// <summary>Damages documents deterministically by seed.</summary>
/// <param name="seed">The seed.</param>
/// <param name="seeds">The documents to start from.</param>
internal sealed class XmlDamage(int seed, IReadOnlyList<byte[]> seeds)
{
    private const int MaxBytes = 8_192;

    private static readonly string[] s_snippets =
    [
        "<", ">", "/>", "</", "<!--", "-->", "<![CDATA[", "]]>", "<?", "?>", "<!DOCTYPE", "&", ";", "&amp;", "&#", "&#x41;", "&#xD800;",
        "&bomb;", "\"", "'", "=", ":", "xmlns=\"\"", " xmlns:p='u'", "p:",
        "\r\n", "\r", "\0", "\uFEFF", "\uFFFE", "ä", "𝄞", "<a>", "</a>", "<a><a><a><a>", "Ccy='EUR'",
    ];

    private readonly Random _random = new(seed);

    /// <summary>Valid documents with every XML feature that these messages use.</summary>
    public static IReadOnlyList<byte[]> Seeds { get; } =
    [
        Bytes("<a/>"),
        Bytes("\uFEFF<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\r\n<!-- note -->\r\n<Document "
            + "xmlns=\"urn:iso:std:iso:20022:tech:xsd:pacs.002.001.11\">\r\n\t<FIToFIPmtStsRpt>\r\n\t\t<GrpHdr><MsgId>MsgId</MsgId>"
            + "<CreDtTm>2014-11-12T11:45:26.371</CreDtTm></GrpHdr>\r\n\t"
            + "</FIToFIPmtStsRpt>\r\n</Document>\r\n"),
        Bytes("<Doc:Document xmlns:Doc=\"urn:b\" xmlns:foo='urn:c'><Doc:AddtlInf>\n<![CDATA[<?xml version=\"1.0\" "
            + "?><h:Fr>&amp;]]></Doc:AddtlInf><Doc:Amt Ccy=\"CHF\" foo:x='&quot;1'>1234.0</Doc:Amt></Doc:Document>"),
        Bytes("<Envelope><AppHdr xmlns=\"urn:h\"><Fr/><BizSvc>swift.cbprplus.02</BizSvc></AppHdr><?go on?><Document xmlns=\"urn:d\" "
            + "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"urn:d d.xsd\"><Nm>Müller &amp; Söhne "
            + "&#x1D11E;</Nm><Ustrd>]] > &lt;</Ustrd></Document></Envelope>"),
    ];

    public int Next(int limit) => _random.Next(limit);

    /// <summary>Returns a document with one to eight faults, or none.</summary>
    public byte[] Document()
    {
        List<byte> bytes = [.. seeds[Next(seeds.Count)]];
        for (int faults = Next(9); faults > 0; faults--)
        {
            Damage(bytes);
        }

        return [.. bytes.Take(MaxBytes)];
    }

    private void Damage(List<byte> bytes)
    {
        int place = Next(bytes.Count + 1);
        bool isInside = place < bytes.Count;
        switch (Next(6))
        {
            case 0 when isInside:
                bytes[place] ^= (byte)(1 << Next(8));
                break;
            case 1 when isInside:
                bytes[place] = (byte)Next(256);
                break;
            case 2 when isInside:
                bytes.RemoveRange(place, Math.Min(1 + Next(16), bytes.Count - place));
                break;
            case 3 when bytes.Count < MaxBytes / 2:
                int start = Next(place + 1);
                bytes.InsertRange(place, bytes.GetRange(start, place - start));
                break;
            default:
                bytes.InsertRange(place, Bytes(s_snippets[Next(s_snippets.Length)]));
                break;
        }
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}

using System.Buffers;
using System.Text;
using Estream.Testing;
using Estream.Wire.Iso20022.Xml;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Wire.Iso20022.Tests.Xml;

/// <summary>Written text reads back unchanged, here and by System.Xml, or is refused before a byte of it is written.</summary>
public sealed class XmlOutputTests
{
    [Theory]
    [InlineData("\0")]
    [InlineData("a\u0008")]
    [InlineData("\uFFFE")]
    public void Text_that_Xml_cannot_represent_is_refused(string text)
    {
        ArrayBufferWriter<byte> buffer = new();
        XmlOutput output = new(buffer);
        output.Begin("a"u8);

        Assert.False(output.TryAttribute("b"u8, Encoding.UTF8.GetBytes(text)));
        Assert.False(output.TryText(Encoding.UTF8.GetBytes(text)));
        Assert.False(output.TryText([0xC3]));
        output.End("a"u8);

        Assert.Equal("<a/>", Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    [Fact]
    public void A_document_is_written_on_one_line()
    {
        ArrayBufferWriter<byte> buffer = new();
        XmlOutput output = new(buffer);
        output.Declare();
        output.Begin("a"u8);
        Assert.True(output.TryAttribute("xmlns"u8, "urn:a"u8));
        output.Begin("b"u8);
        Assert.True(output.TryAttribute("Ccy"u8, "EUR"u8));
        Assert.True(output.TryText("1.50"u8));
        output.End("b"u8);
        output.Begin("c"u8);
        output.End("c"u8);
        output.End("a"u8);

        Assert.Equal("<?xml version=\"1.0\" encoding=\"UTF-8\"?><a xmlns=\"urn:a\"><b Ccy=\"EUR\">1.50</b><c/></a>",
            Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    [Property(500, 20_000, Arbitrary = [typeof(Texts)])]
    public void Written_text_reads_back_unchanged(string text)
    {
        byte[] document = Write(text);
        string expected = $"+{{}}a{{}}b={text}\n{(text.Length > 0 ? $"'{text}'\n" : "")}-\n";
        Assert.Equal((expected, default(Iso20022Fault)), XmlTrace.Of(document));
        Assert.Equal(expected, XmlJudge.Trace(document, out _));
    }

    private static byte[] Write(string text)
    {
        ArrayBufferWriter<byte> buffer = new();
        XmlOutput output = new(buffer);
        output.Begin("a"u8);
        Assert.True(output.TryAttribute("b"u8, Encoding.UTF8.GetBytes(text)));
        Assert.True(output.TryText(Encoding.UTF8.GetBytes(text)));
        output.End("a"u8);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Text with characters to escape, line ends, and characters of several bytes.</summary>
    public static class Texts
    {
        /// <summary>Six parts.</summary>
        public static Arbitrary<string> All() =>
            Gen.Elements("x", " ", "&", "<", ">", "]]>", "\"", "'", "\t", "\n", "\r", "\r\n", "Zürich", "𝄞", "&amp;", "")
                .ArrayOf(6).Select(parts => string.Concat(parts)).ToArbitrary();
    }
}

using System.Text;

namespace Estream.Wire.Iso20022.Tests.Xml;

/// <summary>Every limit accepts its maximum and refuses one more, for complete documents and byte by byte.</summary>
public sealed class XmlLimitTests
{
    private static readonly Iso20022Limits s_small = new()
    {
        MaxTokenBytes = 256,
        MaxDepth = 3,
        MaxAttributes = 2,
        MaxElements = 5,
        MaxMessageBytes = 1_000,
    };

    [Fact]
    public void Text_as_long_as_the_token_limit_is_refused()
    {
        RequireLast(count => $"<a>{new string('x', count)}</a>", 255, new Iso20022Fault(Iso20022Reason.TokenTooLong, 3));
    }

    [Theory]
    [InlineData("<!--", "-->")]
    [InlineData("<![CDATA[", "]]>")]
    [InlineData("<?go ", "?>")]
    [InlineData("<b c='", "'/>")]
    [InlineData("<b", " />")]
    public void Tags_sections_and_instructions_beyond_the_token_limit_are_refused(string begin, string end)
    {
        char filler = end[0] == ' ' ? ' ' : 'x';
        RequireLast(count => $"<a>{begin}{new string(filler, count)}{end}</a>", 256 - begin.Length - end.Length,
            new Iso20022Fault(Iso20022Reason.TokenTooLong, 3));
    }

    [Fact]
    public void A_token_without_an_end_is_refused_at_the_limit()
    {
        foreach (string begin in new[] { "<a>x", "<a", "<!--", "<a><![CDATA[", "<?go ", "<a b='", "<a></a" })
        {
            Assert.Equal(Iso20022Reason.TokenTooLong, Fault(begin + new string(' ', 300)).Reason);
        }
    }

    [Fact]
    public void Elements_deeper_than_the_limit_are_refused()
    {
        RequireLast(depth => Nested(depth), 3, new Iso20022Fault(Iso20022Reason.TooDeep, 9));
    }

    [Fact]
    public void More_elements_than_the_limit_are_refused()
    {
        RequireLast(count => $"<a>{string.Concat(Enumerable.Repeat("<b/>", count - 1))}</a>", 5,
            new Iso20022Fault(Iso20022Reason.TooManyElements, 19));
    }

    [Fact]
    public void More_attributes_than_the_limit_are_refused()
    {
        RequireLast(count => $"<a {string.Join(' ', Enumerable.Range(0, count).Select(index => $"b{index}=''"))}/>", 2,
            new Iso20022Fault(Iso20022Reason.TooManyAttributes, 0));
    }

    [Fact]
    public void A_message_longer_than_the_limit_is_refused()
    {
        RequireLast(count => $"<a/>{new string(' ', count)}", 996, new Iso20022Fault(Iso20022Reason.MessageTooLong, 1_000));
    }

    [Fact]
    public void Names_longer_than_the_limit_are_refused()
    {
        Iso20022Limits limits = new();
        string longest = new('a', 256);

        Assert.False(XmlTrace.Of(Encoding.UTF8.GetBytes($"<{longest}/>"), limits).Fault.IsFault);
        Assert.Equal(new Iso20022Fault(Iso20022Reason.NameTooLong, 0), XmlTrace.Of(Encoding.UTF8.GetBytes($"<{longest}a/>"), limits).Fault);
        Assert.Equal(new Iso20022Fault(Iso20022Reason.NameTooLong, 0),
            XmlTrace.Of(Encoding.UTF8.GetBytes($"<a {longest}a=''/>"), limits).Fault);
    }

    [Fact]
    public void More_open_namespaces_than_the_limit_are_refused()
    {
        Iso20022Limits limits = new() { MaxAttributes = 100 };
        string many = $"<b {string.Join(' ', Enumerable.Range(0, 64).Select(index => $"xmlns:p{index}='u'"))}";

        Assert.False(
            XmlTrace.Of(Encoding.UTF8.GetBytes($"<a>{string.Concat(Enumerable.Repeat(many + "/>", 10))}</a>"), limits).Fault.IsFault);
        Assert.Equal(new Iso20022Fault(Iso20022Reason.TooManyNamespaces, 3),
            XmlTrace.Of(Encoding.UTF8.GetBytes($"<a>{many} xmlns:q='u'/></a>"), limits).Fault);
        Assert.Equal(new Iso20022Fault(Iso20022Reason.TooManyNamespaces, 0),
            XmlTrace.Of(Encoding.UTF8.GetBytes($"<a xmlns='{new string('u', 8_193)}'/>"), limits).Fault);
    }

    [Fact]
    public void A_limit_out_of_range_throws()
    {
        Assert.Throws<WireConfigurationException>(() => XmlTrace.Of(Array.Empty<byte>(), new Iso20022Limits { MaxTokenBytes = 255 }));
        Assert.Throws<WireConfigurationException>(() => XmlTrace.Of(Array.Empty<byte>(), new Iso20022Limits { MaxDepth = 0 }));
        Assert.Throws<WireConfigurationException>(() => XmlTrace.Of(Array.Empty<byte>(), new Iso20022Limits { MaxAttributes = 257 }));
        Assert.Throws<WireConfigurationException>(() => XmlTrace.Of(Array.Empty<byte>(), new Iso20022Limits { MaxMessageBytes = 0 }));
        Assert.Throws<WireConfigurationException>(() => XmlTrace.Of(Array.Empty<byte>(), new Iso20022Limits { MaxElements = 0 }));
    }

    private static void RequireLast(Func<int, string> document, int last, Iso20022Fault beyond)
    {
        Assert.Equal(default(Iso20022Fault), Fault(document(last)));
        Assert.Equal(beyond, Fault(document(last + 1)));
    }

    private static Iso20022Fault Fault(string document)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(document);
        Iso20022Fault whole = XmlTrace.Of(bytes, s_small).Fault;
        Assert.Equal(whole, XmlTrace.Of(bytes.Chunk(1).Append([]), s_small).Fault);
        return whole;
    }

    private static string Nested(int depth) => depth == 0 ? "" : $"<a>{Nested(depth - 1)}</a>";
}

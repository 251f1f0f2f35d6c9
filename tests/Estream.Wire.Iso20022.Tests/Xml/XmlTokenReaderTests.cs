using System.Text;

namespace Estream.Wire.Iso20022.Tests.Xml;

/// <summary>Refused documents, with reason and position, complete and byte by byte; and accepted documents.</summary>
public sealed class XmlTokenReaderTests
{
    public static TheoryData<string, Iso20022Reason, long> Refused => new()
    {
        { "", Iso20022Reason.UnexpectedEnd, 0 },
        { " \n", Iso20022Reason.UnexpectedEnd, 2 },
        { "<", Iso20022Reason.UnexpectedEnd, 0 },
        { "<a", Iso20022Reason.UnexpectedEnd, 0 },
        { "<a b=\"1", Iso20022Reason.UnexpectedEnd, 0 },
        { "<a>", Iso20022Reason.UnexpectedEnd, 3 },
        { "<a>x", Iso20022Reason.UnexpectedEnd, 3 },
        { "<a><!-- x", Iso20022Reason.UnexpectedEnd, 3 },
        { "<a><![CDATA[x]]", Iso20022Reason.UnexpectedEnd, 3 },
        { "<a><?go", Iso20022Reason.UnexpectedEnd, 3 },
        { "<a></a", Iso20022Reason.UnexpectedEnd, 3 },
        { "</a>", Iso20022Reason.MismatchedEndTag, 0 },
        { "<a></b>", Iso20022Reason.MismatchedEndTag, 3 },
        { "<a></ab>", Iso20022Reason.MismatchedEndTag, 3 },
        { "<p:a xmlns:p='u' xmlns:q='u'></q:a>", Iso20022Reason.MismatchedEndTag, 29 },
        { "x<a/>", Iso20022Reason.ContentOutsideRoot, 0 },
        { "<a/> x", Iso20022Reason.ContentOutsideRoot, 5 },
        { "<a/><b/>", Iso20022Reason.ContentOutsideRoot, 4 },
        { "<a/><![CDATA[x]]>", Iso20022Reason.ContentOutsideRoot, 4 },
        { "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", Iso20022Reason.DtdNotAllowed, 0 },
        { "<a><!DOCTYPE b></a>", Iso20022Reason.DtdNotAllowed, 3 },
        { "<a><!ELEMENT b></a>", Iso20022Reason.MalformedMarkup, 3 },
        { "<a>&b;</a>", Iso20022Reason.UnknownEntity, 3 },
        { "<a>&lt</a>", Iso20022Reason.UnknownEntity, 3 },
        { "<a>& </a>", Iso20022Reason.UnknownEntity, 3 },
        { "<a>&#;</a>", Iso20022Reason.UnknownEntity, 3 },
        { "<a>&#x;</a>", Iso20022Reason.UnknownEntity, 3 },
        { "<a>&#1A;</a>", Iso20022Reason.UnknownEntity, 3 },
        { "<a>&#X41;</a>", Iso20022Reason.UnknownEntity, 3 },
        { "<a>&#0;</a>", Iso20022Reason.UnknownEntity, 3 },
        { "<a>&#31;</a>", Iso20022Reason.UnknownEntity, 3 },
        { "<a>&#xD800;</a>", Iso20022Reason.UnknownEntity, 3 },
        { "<a>&#xFFFE;</a>", Iso20022Reason.UnknownEntity, 3 },
        { "<a>&#x110000;</a>", Iso20022Reason.UnknownEntity, 3 },
        { "<a>&#4294967361;</a>", Iso20022Reason.UnknownEntity, 3 },
        { "<a b='&c;'/>", Iso20022Reason.UnknownEntity, 0 },
        { "<a>]]></a>", Iso20022Reason.MalformedMarkup, 3 },
        { "<a b></a>", Iso20022Reason.MalformedMarkup, 0 },
        { "<a b=c/>", Iso20022Reason.MalformedMarkup, 0 },
        { "<a b='<'/>", Iso20022Reason.MalformedMarkup, 0 },
        { "<a b='1'c='2'/>", Iso20022Reason.MalformedMarkup, 0 },
        { "<a / >", Iso20022Reason.MalformedMarkup, 0 },
        { "< a/>", Iso20022Reason.MalformedMarkup, 0 },
        { "<1a/>", Iso20022Reason.MalformedMarkup, 0 },
        { "<:a/>", Iso20022Reason.MalformedMarkup, 0 },
        { "<a:/>", Iso20022Reason.MalformedMarkup, 0 },
        { "<a:b:c/>", Iso20022Reason.MalformedMarkup, 0 },
        { "<a></a b>", Iso20022Reason.MalformedMarkup, 3 },
        { "<a><!-- -- --></a>", Iso20022Reason.MalformedMarkup, 3 },
        { "<a><!-- ---></a>", Iso20022Reason.MalformedMarkup, 3 },
        { "<a><?></a>?>", Iso20022Reason.MalformedMarkup, 3 },
        { "<a><?1?></a>", Iso20022Reason.MalformedMarkup, 3 },
        { "<ä/>", Iso20022Reason.UnsupportedName, 0 },
        { "<aä/>", Iso20022Reason.UnsupportedName, 0 },
        { "<a ä='1'/>", Iso20022Reason.UnsupportedName, 0 },
        { "<a b='1' b='2'/>", Iso20022Reason.DuplicateAttribute, 0 },
        { "<a xmlns='u' b='1' xmlns='v'/>", Iso20022Reason.DuplicateAttribute, 0 },
        { "<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>", Iso20022Reason.DuplicateAttribute, 0 },
        { "<p:a/>", Iso20022Reason.UndeclaredPrefix, 0 },
        { "<a p:b='1'/>", Iso20022Reason.UndeclaredPrefix, 0 },
        { "<a><b xmlns:p='u'/><p:c/></a>", Iso20022Reason.UndeclaredPrefix, 19 },
        { "<a xmlns:p=''/>", Iso20022Reason.MalformedMarkup, 0 },
        { "<a xmlns:xml='u'/>", Iso20022Reason.MalformedMarkup, 0 },
        { "<a xmlns:xmlns='u'/>", Iso20022Reason.MalformedMarkup, 0 },
        { "<a xmlns='http://www.w3.org/XML/1998/namespace'/>", Iso20022Reason.MalformedMarkup, 0 },
        { "<a xmlns:p='http://www.w3.org/2000/xmlns/'/>", Iso20022Reason.MalformedMarkup, 0 },
        { "<?xml version='1.1'?><a/>", Iso20022Reason.MalformedMarkup, 0 },
        { "<?xml encoding='UTF-8'?><a/>", Iso20022Reason.MalformedMarkup, 0 },
        { "<?xml version='1.0' standalone='maybe'?><a/>", Iso20022Reason.MalformedMarkup, 0 },
        { "<?xml version='1.0' encoding='ISO-8859-1'?><a/>", Iso20022Reason.UnsupportedEncoding, 0 },
        { " <?xml version='1.0'?><a/>", Iso20022Reason.MalformedMarkup, 1 },
        { "<a><?XML x?></a>", Iso20022Reason.MalformedMarkup, 3 },
        { "<a>\u0001</a>", Iso20022Reason.InvalidCharacter, 3 },
        { "<a>\uFFFF</a>", Iso20022Reason.InvalidCharacter, 3 },
        { "<a b='\u0000'/>", Iso20022Reason.InvalidCharacter, 0 },
        { "<a><!--\u001F--></a>", Iso20022Reason.InvalidCharacter, 3 },
        { "<a><![CDATA[\u000B]]></a>", Iso20022Reason.InvalidCharacter, 3 },
    };

    public static TheoryData<string, Iso20022Reason, long> RefusedBytes => new()
    {
        { "FEFF003C", Iso20022Reason.UnsupportedEncoding, 0 },
        { "FFFE3C00", Iso20022Reason.UnsupportedEncoding, 0 },
        { "0000FEFF", Iso20022Reason.UnsupportedEncoding, 0 },
        { "3C613EC3283C2F613E", Iso20022Reason.InvalidUtf8, 3 },
        { "3C613EEDA0803C2F613E", Iso20022Reason.InvalidUtf8, 3 },
        { "3C613EC0803C2F613E", Iso20022Reason.InvalidUtf8, 3 },
        { "3C613EC33C2F613E", Iso20022Reason.InvalidUtf8, 3 },
        { "EFBB3C612F3E", Iso20022Reason.ContentOutsideRoot, 0 },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Malformed_Xml_is_refused_with_reason_and_position(string document, Iso20022Reason reason, long position)
    {
        RequireRefused(Encoding.UTF8.GetBytes(document), new Iso20022Fault(reason, position));
    }

    [Theory]
    [MemberData(nameof(RefusedBytes))]
    public void Invalid_Utf8_is_refused_with_reason_and_position(string hex, Iso20022Reason reason, long position)
    {
        RequireRefused(Convert.FromHexString(hex), new Iso20022Fault(reason, position));
    }

    [Theory]
    [InlineData("<a/>", "+{}a\n-\n")]
    [InlineData("\uFEFF<?xml version=\"1.0\" encoding=\"utf-8\" standalone='no' ?>\r\n<!-- x --><a ></a >\n<?go?>", "+{}a\n-\n")]
    [InlineData("<a>1<!-- x -->2<![CDATA[<3>&amp;]]>4<?go?>5</a>", "+{}a\n'12<3>&amp;45'\n-\n")]
    [InlineData("<a>&lt;&gt;&amp;&quot;&apos;&#65;&#x1d11e;&#13;</a>", "+{}a\n'<>&\"'A\U0001D11E\r'\n-\n")]
    [InlineData("<a>1\r\n2\r3\n</a>", "+{}a\n'1\n2\n3\n'\n-\n")]
    [InlineData("<a b='1\r\n2\t3&#10;&quot;' c=\"'\"/>", "+{}a{}b=1 2 3\n\"{}c='\n-\n")]
    [InlineData("<a xmlns='u' xmlns:p='v'><b c='1' p:d='2'/><p:e xmlns='' xmlns:p='w&amp;x'><f/></p:e><g/></a>",
        "+{u}a\n+{u}b{}c=1{v}d=2\n-\n+{w&x}e\n+{}f\n-\n-\n+{u}g\n-\n-\n")]
    [InlineData("<a xml:lang='de'/>", "+{}a{http://www.w3.org/XML/1998/namespace}lang=de\n-\n")]
    public void Well_formed_Xml_is_read_as_its_tokens(string document, string expected)
    {
        Assert.Equal(expected, XmlTrace.OfGood(document));
        Assert.Equal((expected, default(Iso20022Fault)), XmlTrace.Of(Encoding.UTF8.GetBytes(document).Chunk(1)));
    }

    private static void RequireRefused(byte[] document, Iso20022Fault fault)
    {
        Assert.Equal(fault, XmlTrace.Of(document).Fault);
        Assert.Equal(fault, XmlTrace.Of(document.Chunk(1).Append([])).Fault);
    }
}

using FsCheck;
using FsCheck.Fluent;

namespace Estream.Wire.Iso20022.Tests.Xml;

/// <summary>Generates well-formed documents with all features of XML except document type declarations.</summary>
internal static class XmlGen
{
    private const int MaxDepth = 3;

    private static readonly Gen<string> s_name = Gen.Elements("Document", "GrpHdr", "MsgId", "a", "_b-1.c", "p:Amt", "q:Nm");

    private static readonly Gen<string> s_blanks = Gen.Elements("", " ", "\n", "\r\n", "\t ", "\r");

    private static readonly Gen<string> s_gap = Gen.Elements(" ", "\n  ", "\t");

    private static readonly Gen<string> s_words = Gen.Elements("x", "1000.00", "Zürich", "漢字", "𝄞", "&amp;", "&lt;b&gt;", "&quot;",
        "&apos;", "&#65;", "&#xE4;", "&#13;", "&#x9;", "a b", "]]", "-", "\r\n", "\n\t", "a>b");

    private static readonly Gen<string> s_text = s_words.ArrayOf(2).Select(words => string.Concat(words));

    private static readonly Gen<string> s_section =
        Gen.Elements("<![CDATA[]]>", "<![CDATA[<a>&amp;]]>", "<![CDATA[\r\nx]] >]]>", "<!---->", "<!-- a - b -->", "<?go?>", "<?go on ?>");

    private static readonly Gen<string> s_misc = Gen.Elements("", "\n", "<!-- x -->", "<?go on?>\r\n");

    private static readonly Gen<string> s_value =
        from quote in Gen.Elements("\"", "'")
        from word in s_words
        select quote + word + quote;

    /// <summary>A document.</summary>
    public static Gen<string> Document { get; } =
        from mark in Gen.Elements("", "\uFEFF")
        from declaration in Gen.Elements("", "<?xml version=\"1.0\"?>", "<?xml version='1.0' encoding='utf-8'?>",
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\" ?>")
        from before in s_misc
        from name in s_name
        from content in Content(MaxDepth)
        from after in s_misc
        select $"{mark}{declaration}{before}<{name} xmlns=\"urn:a\" xmlns:p='urn:b' xmlns:q=\"urn:a\">{content}</{name}>{after}";

    private static Gen<string> Content(int depth) =>
        from count in Gen.Choose(0, 3)
        from parts in Gen.OneOf(s_text, s_section, depth == 0 ? s_text : Element(depth - 1)).ArrayOf(count)
        select string.Concat(parts);

    private static Gen<string> Element(int depth) =>
        from name in s_name
        from isEmpty in Gen.Elements(true, false)
        from declaration in Gen.Elements("", " xmlns=\"\"", " xmlns:p=\"urn:&amp;c\"", " xmlns = 'urn:d'")
        from attribute in Attribute("Ccy")
        from other in Attribute("p:x")
        from blanks in s_blanks
        from content in Content(depth)
        let head = $"<{name}{declaration}{attribute}{other}{blanks}"
        select isEmpty ? head + "/>" : $"{head}>{content}</{name}{blanks}>";

    private static Gen<string> Attribute(string name) =>
        from isThere in Gen.Elements(true, false)
        from gap in s_gap
        from blanks in s_blanks
        from value in s_value
        select isThere ? $"{gap}{name}{blanks}={blanks}{value}" : "";
}

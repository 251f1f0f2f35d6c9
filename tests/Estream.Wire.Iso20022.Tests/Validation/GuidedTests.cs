using System.Text;
using Estream.Testing;
using Estream.Wire.Iso20022.Tests.Mapping;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Wire.Iso20022.Tests.Validation;

/// <summary>The fast path for expected elements and the slow path by tokens give the same result for every message, limit and split into
/// pieces.</summary>
public sealed class GuidedTests
{
    private const string Uri = "urn:iso:std:iso:20022:tech:xsd:pacs.008.001.12";

    private const string Good = $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <Document xmlns="{Uri}">
          <FIToFICstmrCdtTrf>
            <GrpHdr>
              <MsgId>M-1</MsgId><CreDtTm>2026-01-15T10:30:00</CreDtTm>
              <NbOfTxs>2</NbOfTxs><SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf>
            </GrpHdr>
            {Transfer}
            {Transfer}
          </FIToFICstmrCdtTrf>
        </Document>
        """;

    private const string Transfer = """
            <CdtTrfTxInf>
              <PmtId><EndToEndId>E-1</EndToEndId></PmtId>
              <IntrBkSttlmAmt Ccy="EUR">1000.00</IntrBkSttlmAmt>
              <ChrgBr>SHAR</ChrgBr>
              <Dbtr><Nm>A &amp; B</Nm><PstlAdr><TwnNm>Zürich</TwnNm><Ctry>CH</Ctry></PstlAdr></Dbtr>
              <DbtrAcct><Id><IBAN>CH9300762011623852957</IBAN></Id></DbtrAcct>
              <DbtrAgt><FinInstnId><BICFI>DEUTDEFF</BICFI></FinInstnId></DbtrAgt>
              <CdtrAgt><FinInstnId><BICFI>COBADEFF</BICFI></FinInstnId></CdtrAgt>
              <Cdtr><Nm>B</Nm></Cdtr>
              <RmtInf><Ustrd>one</Ustrd><Ustrd>two</Ustrd></RmtInf>
              <SplmtryData><Envlp><x:a xmlns:x="urn:x"><MsgId>theirs</MsgId></x:a></Envlp></SplmtryData>
            </CdtTrfTxInf>
        """;

    private static readonly string[] s_seeds = [Good, Statements.Statement, Statements.Report, Statements.Oldest, Statements.Two,
        Statements.Long(12), $"<Envelope><x/>{Good[Good.IndexOf("<Document", StringComparison.Ordinal)..]}</Envelope>"];

    [Theory]
    [InlineData("<MsgId >M-1</MsgId>")]
    [InlineData("<MsgId\n>M-1</MsgId>")]
    [InlineData("<MsgId>M-1</MsgId >")]
    [InlineData("<MsgId>M-1</MsgId\n>")]
    [InlineData("<MsgId/>")]
    [InlineData("<MsgId></MsgId>")]
    [InlineData("<MsgId> </MsgId>")]
    [InlineData("<MsgId>M&amp;1</MsgId>")]
    [InlineData("<MsgId>M&x;1</MsgId>")]
    [InlineData("<MsgId>M<!-- x -->-1</MsgId>")]
    [InlineData("<MsgId><![CDATA[M-1]]></MsgId>")]
    [InlineData("<MsgId>M]1</MsgId>")]
    [InlineData("<MsgId>M]]>1</MsgId>")]
    [InlineData("<MsgId>M\r\n1</MsgId>")]
    [InlineData("<MsgId>Zürich \uFFFE</MsgId>")]
    [InlineData("<MsgId>M\u0001</MsgId>")]
    [InlineData("<MsgId>123456789012345678901234567890123456</MsgId>")]
    [InlineData("<MsgId>M-1</MsgIdx>")]
    [InlineData("<MsgIdx>M-1</MsgIdx>")]
    [InlineData("<MsgI>M-1</MsgI>")]
    [InlineData("<MsgId>M-1</MsgId><MsgId>M-1</MsgId>")]
    [InlineData("<MsgId>M-1<x/></MsgId>")]
    [InlineData("<MsgId Ccy=\"EUR\">M-1</MsgId>")]
    [InlineData("<MsgId xmlns=\"" + Uri + "\">M-1</MsgId>")]
    [InlineData("<MsgId xmlns=\"urn:x\">M-1</MsgId><MsgId>M-1</MsgId>")]
    [InlineData("<p:MsgId xmlns:p=\"" + Uri + "\">M-1</p:MsgId>")]
    [InlineData("<p:MsgId xmlns:p=\"" + Uri + "\">M-1</MsgId>")]
    [InlineData("text<MsgId>M-1</MsgId>")]
    [InlineData("<?go?><MsgId>M-1</MsgId><!-- x -->")]
    [InlineData("</MsgId>")]
    [InlineData("")]
    public void Fast_and_token_path_agree_for_any_notation_of_an_element(string written)
    {
        RequireSame(Good.Replace("<MsgId>M-1</MsgId>", written, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("<IntrBkSttlmAmt Ccy='EUR'>")]
    [InlineData("<IntrBkSttlmAmt  Ccy=\"EUR\">")]
    [InlineData("<IntrBkSttlmAmt Ccy = \"EUR\">")]
    [InlineData("<IntrBkSttlmAmt Ccy=\"EUR\" >")]
    [InlineData("<IntrBkSttlmAmt\nCcy=\"EUR\">")]
    [InlineData("<IntrBkSttlmAmt Ccy=\"eur\">")]
    [InlineData("<IntrBkSttlmAmt Ccy=\"E&#85;R\">")]
    [InlineData("<IntrBkSttlmAmt Ccy=\"E<R\">")]
    [InlineData("<IntrBkSttlmAmt Ccy=\"E'>\">")]
    [InlineData("<IntrBkSttlmAmt Ccy=\"\">")]
    [InlineData("<IntrBkSttlmAmt Ccy=>")]
    [InlineData("<IntrBkSttlmAmt Ccx=\"EUR\">")]
    [InlineData("<IntrBkSttlmAmt CcyX=\"EUR\">")]
    [InlineData("<IntrBkSttlmAmt Ccy=\"EUR\" Ccy=\"EUR\">")]
    [InlineData("<IntrBkSttlmAmt Ccy=\"EUR\" xmlns:x=\"urn:x\">")]
    [InlineData("<IntrBkSttlmAmt xmlns=\"" + Uri + "\">")]
    [InlineData("<IntrBkSttlmAmt>")]
    [InlineData("<IntrBkSttlmAmt Ccy=\"EUR\"/><IntrBkSttlmAmt Ccy=\"EUR\">")]
    [InlineData("<SttlmPrty>HIGH</SttlmPrty><IntrBkSttlmAmt Ccy=\"EUR\">")]
    public void Fast_and_token_path_agree_for_any_notation_of_an_attribute(string written)
    {
        RequireSame(Good.Replace("<IntrBkSttlmAmt Ccy=\"EUR\">", written, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("<GrpHdr>", "<GrpHdr xmlns=\"" + Uri + "\">")]
    [InlineData("<GrpHdr>", "<GrpHdr xmlns:p=\"urn:x\">")]
    [InlineData("<Document xmlns=\"" + Uri + "\">", "<Document xmlns=\"urn:x\">")]
    [InlineData("<Document xmlns=\"" + Uri + "\">", "<p:Document xmlns:p=\"" + Uri + "\" xmlns=\"" + Uri + "\">")]
    [InlineData("</GrpHdr>", "</p:GrpHdr>")]
    [InlineData("</GrpHdr>", "</GrpHdr >")]
    [InlineData("</GrpHdr>", "</GrpHdr><GrpHdr/>")]
    [InlineData("</GrpHdr>", "</GrpHd>")]
    [InlineData("</PmtId>", "<x/></PmtId>")]
    [InlineData("</PmtId>", "text</PmtId>")]
    [InlineData("</Document>", "</Document><Document/>")]
    [InlineData("</Document>", "</Documents>")]
    [InlineData("</Document>", "")]
    public void Fast_and_token_path_agree_for_any_notation_of_namespaces_and_end_tags(string old, string written)
    {
        RequireSame(Good.Replace(old, written, StringComparison.Ordinal));
    }

    [Fact]
    public void The_fast_path_stops_when_the_namespace_scope_ends()
    {
        // The elements after the header have no namespace: the namespace of the message was declared on the header only.
        RequireSame(Good.Replace($"<Document xmlns=\"{Uri}\">", $"<p:Document xmlns:p=\"{Uri}\">", StringComparison.Ordinal)
            .Replace("<FIToFICstmrCdtTrf>", "<p:FIToFICstmrCdtTrf>", StringComparison.Ordinal)
            .Replace("</FIToFICstmrCdtTrf>", "</p:FIToFICstmrCdtTrf>", StringComparison.Ordinal)
            .Replace("</Document>", "</p:Document>", StringComparison.Ordinal)
            .Replace("<GrpHdr>", $"<GrpHdr xmlns=\"{Uri}\">", StringComparison.Ordinal));
    }

    [Fact]
    public void The_fast_path_reaches_limits_at_the_same_position_as_the_token_path()
    {
        byte[] document = Encoding.UTF8.GetBytes(Good);
        for (int limit = 1; limit <= document.Length + 1; limit++)
        {
            RequireSame(document, document.Length, new Iso20022Limits { MaxMessageBytes = limit });
        }

        for (int limit = 1; limit < 80; limit++)
        {
            RequireSame(document, document.Length,
                new Iso20022Limits { MaxElements = limit, MaxFindings = 1 + (limit % 5), MaxDepth = 1 + (limit % 12) });
        }

        for (int length = 200; length < 300; length++)
        {
            string blanks = Good.Replace("<MsgId>", new string(' ', length) + "<MsgId>", StringComparison.Ordinal);
            RequireSame(Encoding.UTF8.GetBytes(blanks), 10_000, new Iso20022Limits { MaxTokenBytes = 256 });
            string text = Good.Replace("<MsgId>", "<MsgId>" + new string('x', length), StringComparison.Ordinal);
            RequireSame(Encoding.UTF8.GetBytes(text), 10_000, new Iso20022Limits { MaxTokenBytes = 256 });
            string attribute = Good.Replace("Ccy=\"", "Ccy=\"" + new string('x', length), StringComparison.Ordinal);
            RequireSame(Encoding.UTF8.GetBytes(attribute), 10_000, new Iso20022Limits { MaxTokenBytes = 256 });
        }
    }

    [Fact]
    public void The_fast_path_stops_at_too_many_findings_at_the_same_position_as_the_token_path()
    {
        string wrong = Good.Replace("<MsgId>M-1</MsgId>", "<MsgId></MsgId>", StringComparison.Ordinal)
            .Replace("<NbOfTxs>2", "<NbOfTxs>two", StringComparison.Ordinal)
            .Replace("SHAR", "XXXX", StringComparison.Ordinal)
            .Replace("<Ctry>CH", "<Ctry>ch", StringComparison.Ordinal)
            .Replace("DEUTDEFF", "nobody", StringComparison.Ordinal)
            .Replace("<EndToEndId>E-1</EndToEndId>", "", StringComparison.Ordinal);
        byte[] document = Encoding.UTF8.GetBytes(wrong);
        for (int max = 1; max < 14; max++)
        {
            RequireSame(document, document.Length, new Iso20022Limits { MaxFindings = max });
            RequireSame(document, 11, new Iso20022Limits { MaxFindings = max });
        }
    }

    [Fact]
    public void A_usual_message_takes_the_fast_path_almost_completely()
    {
        string usual = Good.Replace("""<SplmtryData><Envlp><x:a xmlns:x="urn:x"><MsgId>theirs</MsgId></x:a></Envlp></SplmtryData>""", "",
            StringComparison.Ordinal);

        // These tokens are the start of the document and its end with the preceding white space, where a namespace begins and ends.
        Assert.Equal(3, MessageTrace.Tokens(Encoding.UTF8.GetBytes(usual)));
    }

    [Fact]
    public void Fast_and_token_path_agree_for_every_sample()
    {
        int step = Math.Max(1, Samples.All.Count / LongRun.Count(40, 10_000));
        for (int index = 0; index < Samples.All.Count; index += step)
        {
            byte[] document = Samples.Read(Samples.All[index]);
            RequireSame(document, document.Length + 1, new Iso20022Limits());
            RequireSame(document, 100 + index, new Iso20022Limits { MaxPartBytes = 1_024 });
        }
    }

    [Property(1_000, 50_000, Arbitrary = [typeof(Damages)])]
    public void Fast_and_token_path_agree_for_damaged_messages(Damage damage) =>
        RequireSame(damage.Apply(), damage.Piece, new Iso20022Limits { MaxFindings = 4, MaxPartBytes = 1_024 }, damage.Checks);

    private static void RequireSame(string text)
    {
        byte[] document = Encoding.UTF8.GetBytes(text);
        foreach (int piece in (int[])[document.Length + 1, 1, 7, 64, 333])
        {
            RequireSame(document, piece, new Iso20022Limits());
            RequireSame(document, piece, new Iso20022Limits(), Iso20022Checks.CrossBorder);
        }
    }

    // The reference is the result for the complete message, read token by token.
    private static void RequireSame(byte[] document, int piece, Iso20022Limits limits, Iso20022Checks checks = Iso20022Checks.Schema)
    {
        string expected = MessageTrace.Of([document], isGuided: false, limits, checks);
        Assert.Equal(expected, MessageTrace.Of([document], isGuided: true, limits, checks));
        Assert.Equal(expected, MessageTrace.Of(document.Chunk(piece).Append([]), isGuided: true, limits, checks));
    }

    /// <summary>A message with one error, how it is split into pieces, and how it is checked.</summary>
    public sealed record Damage(int Seed, int Place, int Kind, byte Value, int Piece, Iso20022Checks Checks)
    {
        public byte[] Apply()
        {
            List<byte> bytes = [.. Encoding.UTF8.GetBytes(s_seeds[Seed])];
            int at = Place % bytes.Count;
            switch (Kind)
            {
                case 0:
                    bytes[at] = Value;
                    break;
                case 1:
                    bytes.Insert(at, Value);
                    break;
                case 2:
                    bytes.RemoveAt(at);
                    break;
                case 3:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                default:
                    // Duplicates an element or a part of an element.
                    bytes.InsertRange(at, bytes.GetRange(at / 2, Math.Min(40, bytes.Count - (at / 2))));
                    break;
            }

            return [.. bytes];
        }
    }

    /// <summary>Messages with one error.</summary>
    public static class Damages
    {
        /// <summary>Any damage.</summary>
        public static Arbitrary<Damage> All() =>
            (from seed in Gen.Choose(0, s_seeds.Length - 1)
             from place in Gen.Choose(0, 10_000)
             from kind in Gen.Choose(0, 4)
             from value in Gen.Elements("\0<>&\"/:] \rx\u0080\u00FF".Select(c => (byte)c).ToArray())
             from piece in Gen.Choose(1, 300)
             from checks in Gen.Elements(Iso20022Checks.Schema, Iso20022Checks.SchemaAndRules, Iso20022Checks.CrossBorder)
             select new Damage(seed, place, kind, value, piece, checks)).ToArbitrary();
    }
}

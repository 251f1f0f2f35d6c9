using System.Text;
using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Wire.Iso20022.Tests.Xml;

/// <summary>Properties of all documents, tested on generated documents against System.Xml.</summary>
public sealed class XmlPropertyTests
{
    /// <summary>Reasons to refuse documents that may be well-formed: see <see cref="Iso20022Reason"/>.</summary>
    private static readonly Iso20022Reason[] s_stricter = [Iso20022Reason.UnsupportedName, Iso20022Reason.UnsupportedEncoding];

    [Property(500, 20_000, Arbitrary = [typeof(Cases)])]
    public void A_well_formed_document_is_read_as_System_Xml_reads_it(WellFormed document)
    {
        string? expected = XmlJudge.Trace(Encoding.UTF8.GetBytes(document.Text), out string? why);
        Assert.True(expected is not null, $"the generator is wrong: {why}");
        Assert.Equal(expected, XmlTrace.OfGood(document.Text));
    }

    [Property(500, 20_000, Arbitrary = [typeof(Cases)])]
    public void A_damaged_document_is_refused_or_read_as_by_System_Xml_except_where_Estream_is_stricter(Damage damage)
    {
        byte[] document = damage.Apply();
        string? expected = XmlJudge.Trace(document, out string? why);
        (string lines, Iso20022Fault fault) = XmlTrace.Of(document);
        if (fault.IsFault)
        {
            Assert.True(expected is null || s_stricter.Contains(fault.Reason), $"refused with {fault}, but System.Xml accepts it");
        }
        else
        {
            Assert.True(expected is not null, $"accepted, but System.Xml refuses it: {why}");
            Assert.Equal(expected, lines);
        }
    }

    [Property(500, 20_000, Arbitrary = [typeof(Cases)])]
    public void A_document_is_read_the_same_for_any_split_into_pieces(Damage damage)
    {
        byte[] document = damage.Apply();
        (string Lines, Iso20022Fault Fault) whole = XmlTrace.Of(document);
        Assert.Equal(whole, XmlTrace.Of(document.Chunk(1).Append([])));
        int cut = damage.Place % (document.Length + 1);
        Assert.Equal(whole, XmlTrace.Of([document[..cut], document[cut..]]));
    }

    /// <summary>A document that System.Xml reads.</summary>
    public sealed record WellFormed(string Text);

    /// <summary>A document that is truncated, or in which one byte is replaced, inserted or removed.</summary>
    public sealed record Damage(string Document, int Place, int Kind, byte Value)
    {
        public byte[] Apply()
        {
            List<byte> bytes = [.. Encoding.UTF8.GetBytes(Document)];
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
                default:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }

            return [.. bytes];
        }
    }

    /// <summary>Documents, well-formed and damaged.</summary>
    public static class Cases
    {
        /// <summary>Well-formed documents.</summary>
        public static Arbitrary<WellFormed> Documents() => XmlGen.Document.Select(text => new WellFormed(text)).ToArbitrary();

        /// <summary>Documents with one error, often a byte with a meaning in XML.</summary>
        public static Arbitrary<Damage> Damages() =>
            (from document in XmlGen.Document
             from place in Gen.Choose(0, 1_000)
             from kind in Gen.Choose(0, 3)
             from value in Gen.Elements("\0<>&\"/:] x\u0080\u00FF".Select(c => (byte)c).ToArray())
             select new Damage(document, place, kind, value)).ToArbitrary();
    }
}

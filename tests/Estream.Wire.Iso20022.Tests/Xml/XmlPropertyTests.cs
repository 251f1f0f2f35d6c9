using System.Text;
using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Wire.Iso20022.Tests.Xml;

/// <summary>What holds for every document, shown on generated ones against System.Xml. A failure prints the seed that replays it.</summary>
public sealed class XmlPropertyTests
{
    /// <summary>What is refused here and may be well-formed all the same: see <see cref="Iso20022Reason"/>.</summary>
    private static readonly Iso20022Reason[] s_stricter = [Iso20022Reason.UnsupportedName, Iso20022Reason.UnsupportedEncoding];

    private static readonly Gen<Damage> s_damage =
        from document in XmlGen.Document
        from place in Gen.Choose(0, 1_000)
        from kind in Gen.Choose(0, 3)
        from value in Gen.Elements((byte)0, (byte)'<', (byte)'>', (byte)'&', (byte)'"', (byte)'/', (byte)':', (byte)']', (byte)' ', (byte)'x', (byte)0x80, (byte)0xFF)
        select new Damage(document, place, kind, value);

    [Fact]
    public void A_well_formed_document_is_read_as_System_Xml_reads_it()
    {
        Check(XmlGen.Document, document =>
        {
            string? expected = XmlJudge.Trace(Encoding.UTF8.GetBytes(document), out string? why);
            Assert.True(expected is not null, $"the generator is wrong: {why}");
            Assert.Equal(expected, XmlTrace.OfGood(document));
        });
    }

    [Fact]
    public void A_damaged_document_is_refused_where_System_Xml_refuses_it_and_nowhere_else()
    {
        Check(s_damage, damage =>
        {
            byte[] document = damage.Apply();
            string? expected = XmlJudge.Trace(document, out string? why);
            (string lines, Iso20022Fault fault) = XmlTrace.Of(document);
            if (fault.IsFault)
            {
                Assert.True(expected is null || s_stricter.Contains(fault.Reason), $"refused with {fault}, and System.Xml takes it");
            }
            else
            {
                Assert.True(expected is not null, $"taken, and System.Xml says: {why}");
                Assert.Equal(expected, lines);
            }
        });
    }

    [Fact]
    public void It_does_not_matter_where_a_document_is_cut()
    {
        Check(s_damage, damage =>
        {
            byte[] document = damage.Apply();
            (string Lines, Iso20022Fault Fault) whole = XmlTrace.Of(document);
            Assert.Equal(whole, XmlTrace.Of(document.Chunk(1).Append([])));
            int cut = damage.Place % (document.Length + 1);
            Assert.Equal(whole, XmlTrace.Of([document[..cut], document[cut..]]));
        });
    }

    private static void Check<T>(Gen<T> gen, Action<T> body) =>
        Prop.ForAll(gen.ToArbitrary(), body).Check(Config.QuickThrowOnFailure.WithMaxTest(LongRun.Count(500, 20_000)));

    private sealed record Damage(string Document, int Place, int Kind, byte Value)
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
}

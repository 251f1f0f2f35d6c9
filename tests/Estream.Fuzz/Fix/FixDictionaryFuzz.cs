using System.Text;
using Estream.Testing;
using Estream.Wire.Fix;
using Estream.Wire.Fix.Dictionary;

namespace Estream.Fuzz.Fix;

/// <summary>Passes damaged dictionaries to FixDictionaryReader: the result is a dictionary or a FixDictionaryException.</summary>
public class FixDictionaryFuzz
{
    private const string Seed = """
        <fix type='FIX' major='4' minor='4'>
        <header><field name='BeginString' required='Y' /><field name='MsgType' required='Y' /></header>
        <messages>
        <message name='Order' msgtype='D' msgcat='app'><field name='Account' required='Y' /><component name='Legs' required='N' /></message>
        </messages>
        <trailer><field name='CheckSum' required='Y' /></trailer>
        <components>
        <component name='Legs'><group name='NoLegs' required='N'><field name='LegName' required='Y' /><component name='More' /></group></component>
        <component name='More'><field name='Kind' /></component>
        </components>
        <fields>
        <field number='8' name='BeginString' type='STRING' /><field number='35' name='MsgType' type='STRING' />
        <field number='10' name='CheckSum' type='STRING' /><field number='1' name='Account' type='STRING' />
        <field number='20' name='NoLegs' type='NUMINGROUP' /><field number='21' name='LegName' type='STRING' />
        <field number='4' name='Kind' type='CHAR'><value enum='A' description='FIRST' /></field>
        </fields>
        </fix>
        """;

    private static readonly string[] s_words =
        ["<group name='NoLegs'>", "</group>", "<component name='Legs' />", "'", "<", ">", "&amp;", "<!DOCTYPE a>", "name='Legs'",
            "number='1'", "Legs", "More"];

    [Theory]
    [InlineData(1)]
    [InlineData(20260707)]
    public void A_damaged_FIX_dictionary_is_read_or_rejected(int seed)
    {
        Random random = new(seed);
        int count = LongRun.Count(5_000, 500_000);
        int refused = 0;
        for (int number = 0; number < count; number++)
        {
            string xml = Damage(random);
            try
            {
                using MemoryStream stream = new(Encoding.UTF8.GetBytes(xml));
                Assert.NotEmpty(FixDictionaryReader.Read(stream, "damaged.xml").Version);
            }
            catch (FixDictionaryException)
            {
                refused++;
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}, number {number}: {xml}", failure);
            }
        }

        Assert.InRange(refused, count / 10, count - 1);
    }

    private static string Damage(Random random)
    {
        StringBuilder xml = new(Seed);
        for (int faults = 1 + random.Next(3); faults > 0; faults--)
        {
            int place = random.Next(xml.Length);
            switch (random.Next(3))
            {
                case 0:
                    xml.Remove(place, Math.Min(1 + random.Next(30), xml.Length - place));
                    break;
                case 1:
                    xml.Insert(place, s_words[random.Next(s_words.Length)]);
                    break;
                default:
                    xml[place] = (char)(' ' + random.Next(95));
                    break;
            }
        }

        return xml.ToString();
    }
}

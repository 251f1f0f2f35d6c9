using System.Text;
using Estream.Wire.Fix.Dictionary;

namespace Estream.Wire.Fix.Tests.Rig;

/// <summary>A small dictionary with a component, a nested group and raw data.</summary>
internal static class SmallDictionary
{
    public const string Fields = """
        <field number='8' name='BeginString' type='STRING' />
        <field number='9' name='BodyLength' type='LENGTH' />
        <field number='10' name='CheckSum' type='STRING' />
        <field number='34' name='MsgSeqNum' type='SEQNUM' />
        <field number='35' name='MsgType' type='STRING' />
        <field number='1' name='Account' type='STRING' />
        <field number='2' name='Flag' type='BOOLEAN' />
        <field number='3' name='Price' type='PRICE' />
        <field number='4' name='Kind' type='CHAR'><value enum='A' description='FIRST' /><value enum='B' description='SECOND' /></field>
        <field number='5' name='Kinds' type='MULTIPLEVALUESTRING'><value enum='A' description='FIRST' /><value enum='LONG_VALUE' description='SECOND' /></field>
        <field number='6' name='Time' type='UTCTIMESTAMP' />
        <field number='7' name='Day' type='LOCALMKTDATE' />
        <field number='11' name='Month' type='MONTHYEAR' />
        <field number='12' name='Number' type='INT' />
        <field number='13' name='DataLength' type='LENGTH' />
        <field number='14' name='Data' type='DATA' />
        <field number='15' name='OfDay' type='UTCTIMEONLY' />
        <field number='20' name='NoLegs' type='NUMINGROUP' />
        <field number='21' name='LegName' type='STRING' />
        <field number='22' name='LegPrice' type='PRICE' />
        <field number='23' name='NoParts' type='NUMINGROUP' />
        <field number='24' name='PartName' type='STRING' />
        <field number='25' name='PartKind' type='CHAR' />
        <field number='5001' name='Agreed' type='STRING' />
        """;

    public const string Messages = """
        <message name='Order' msgtype='D' msgcat='app'>
          <field name='Account' required='Y' />
          <component name='Details' required='N' />
          <component name='Legs' required='N' />
        </message>
        <message name='Ping' msgtype='0' msgcat='admin'><component name='Needed' required='Y' /></message>
        """;

    public const string Components = """
        <component name='Details'>
          <field name='Flag' required='Y' /><field name='Price' required='N' /><field name='Kind' required='N' />
          <field name='Kinds' required='N' /><field name='Time' required='N' /><field name='Day' required='N' />
          <field name='Month' required='N' /><field name='Number' required='N' /><field name='DataLength' required='N' />
          <field name='Data' required='N' /><field name='OfDay' required='N' />
        </component>
        <component name='Legs'>
          <group name='NoLegs' required='N'>
            <field name='LegName' required='Y' />
            <field name='LegPrice' required='Y' />
            <group name='NoParts' required='N'><field name='PartName' required='Y' /><field name='PartKind' required='N' /></group>
            <field name='Kind' required='N' />
          </group>
        </component>
        <component name='Needed'><field name='Number' required='Y' /></component>
        """;

    private const string Header = """
        <field name='BeginString' required='Y' /><field name='BodyLength' required='Y' /><field name='MsgType' required='Y' />
        <field name='MsgSeqNum' required='Y' />
        """;

    /// <summary>The XML, with the given parts replaced.</summary>
    public static string Xml(string fields = Fields, string messages = Messages, string components = Components, string header = Header)
    {
        return $"""
            <fix type='FIX' major='9' minor='1' servicepack='0'>
            <header>{header}</header>
            <messages>{messages}</messages>
            <trailer><field name='CheckSum' required='Y' /></trailer>
            <components>{components}</components>
            <fields>{fields}</fields>
            </fix>
            """;
    }

    public static FixDictionary Read(string xml)
    {
        using MemoryStream stream = new(Encoding.UTF8.GetBytes(xml));
        return FixDictionaryReader.Read(stream, "small.xml");
    }

    /// <summary>A protocol with this dictionary; BeginString is FIX.9.1.</summary>
    public static FixProtocol Protocol()
    {
        return FixProtocol.Of(Read(Xml()));
    }
}

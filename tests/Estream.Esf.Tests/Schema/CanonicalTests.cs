using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Estream.Esf.Schema;

namespace Estream.Esf.Tests;

/// <summary>The canonical text and the ids derived from it: which changes affect them, and which do not.</summary>
public sealed class CanonicalTests
{
    private const string Base = """
        version: "1.0"
        namespace: acme.doors
        schemas:
          DoorOpened:
            description: "first words"
            lattice: acme.doors.opened
            path: /doors/{door_id}
            fields:
              door_id: { type: string(64), description: "an id" }
              state: { type: DoorState }
              owner: { type: bytes32, optional: true, privacy: { default_level: encrypted, audiences: [{ audience: owner, level: public }, { audience: auditor, level: encrypted }] } }
              place: { type: object, optional: true, fields: { x: { type: f64 }, tags: { type: "map(string, array(u8))" } } }
            retention: { duration_days: 90 }
        enums:
          DoorState: { values: [Open, Closed] }
        """;

    private const string BaseText =
        "esf1 acme.doors.DoorOpened{door_id:string(64),state:enum DoorState{Open,Closed}," +
        "owner?:bytes32@encrypted[auditor=encrypted,owner=public],place?:object{x:f64,tags:map(string,array(u8))}}";

    [Fact]
    public void CanonicalText_is_that_of_the_format_page()
    {
        Assert.Equal(BaseText, Read(Base).CanonicalText);
    }

    [Fact]
    public void Ids_are_the_first_bytes_of_SHA256()
    {
        MessageSchema schema = Read(Base);
        Assert.Equal(BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(BaseText))), schema.Id);
        Assert.Equal(BinaryPrimitives.ReadUInt32LittleEndian(SHA256.HashData("acme.doors.DoorOpened"u8)), schema.NameId);
    }

    [Theory]
    [InlineData("first words", "other words")]
    [InlineData("an id", "the id")]
    [InlineData("acme.doors.opened", "acme.doors.closed")]
    [InlineData("/doors/{door_id}", "/d/{door_id}")]
    [InlineData("duration_days: 90", "duration_hours: 1")]
    [InlineData("{ audience: owner, level: public }, { audience: auditor, level: encrypted }",
        "{ audience: auditor, level: encrypted }, { audience: owner, level: public }")]
    public void Descriptions_addresses_and_retention_do_not_change_the_id(string from, string to)
    {
        Assert.Equal(Read(Base).Id, Read(Change(from, to)).Id);
    }

    [Theory]
    [InlineData("acme.doors\n", "acme.gates\n")]
    [InlineData("DoorOpened", "DoorClosed")]
    [InlineData("door_id:", "gate_id:")]
    [InlineData("string(64)", "string(65)")]
    [InlineData("string(64)", "string")]
    [InlineData("[Open, Closed]", "[Closed, Open]")]
    [InlineData("[Open, Closed]", "[Open, Closed, Ajar]")]
    [InlineData("DoorState", "GateState")]
    [InlineData("optional: true, privacy", "optional: false, privacy")]
    [InlineData("audience: owner", "audience: holder")]
    [InlineData("default_level: encrypted, audiences: [{ audience: owner, level: public }, { audience: auditor, level: encrypted }]",
        "default_level: public")]
    [InlineData("x: { type: f64 }", "x: { type: f32 }")]
    public void A_schema_change_that_affects_bytes_or_audiences_changes_the_id(string from, string to)
    {
        Assert.NotEqual(Read(Base).Id,
            Read(Change(from, to).Replace("/doors/{gate_id}", "/doors/{door_id}", StringComparison.Ordinal)
                .Replace("{door_id}", from == "door_id:" ? "{gate_id}" : "{door_id}", StringComparison.Ordinal)).Id);
    }

    [Fact]
    public void Parse_reads_the_canonical_text_back()
    {
        MessageSchema schema = CanonicalSchema.Parse(BaseText);
        Assert.Equal((BaseText, Read(Base).Id), (schema.CanonicalText, schema.Id));
    }

    [Theory]
    [InlineData("")]
    [InlineData("esf2 a.B{x:u8}")]
    [InlineData("esf1 B{x:u8}")]
    [InlineData("esf1 a.B{}")]
    [InlineData("esf1 a.B{x:u8")]
    [InlineData("esf1 a.B{x:u8} ")]
    [InlineData("esf1 a.B{x:u8,x:u8}")]
    [InlineData("esf1 a.B{X:u8}")]
    [InlineData("esf1 a.B{x:u9}")]
    [InlineData("esf1 a.B{x:string(0)}")]
    [InlineData("esf1 a.B{x:string(064)}")]
    [InlineData("esf1 a.B{x:map(f64,u8)}")]
    [InlineData("esf1 a.B{x:enum E{}}")]
    [InlineData("esf1 a.B{x:enum E{A,A}}")]
    [InlineData("esf1 a.B{x:u8@public}")]
    [InlineData("esf1 a.B{x:u8@secret}")]
    [InlineData("esf1 a.B{x:u8@encrypted[b=public,a=public]}")]
    [InlineData("esf1 a.B{x:array(array(array(array(array(array(array(array(array(u8)))))))))}")]
    public void Parse_rejects_a_text_that_is_not_canonical(string text)
    {
        Assert.Throws<FormatException>(() => CanonicalSchema.Parse(text));
    }

    private static string Change(string from, string to)
    {
        Assert.Contains(from, Base, StringComparison.Ordinal);
        return Base.Replace(from, to, StringComparison.Ordinal);
    }

    private static MessageSchema Read(string yaml)
    {
        SchemaReadResult result = SchemaReader.Read(yaml, "x");
        Assert.Empty(result.Diagnostics);
        return result.Document!.Schemas[0];
    }
}

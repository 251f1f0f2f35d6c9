using System.Buffers.Binary;
using Estream.Core;
using Estream.Esf.Schema;
using Estream.Esf.Tests.Generation;
using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Esf.Tests;

/// <summary>Conversion of messages to a schema that extends the schema of the messages. All fields are preserved.</summary>
public sealed class WideningTests
{
    private const int Versions = 3;
    private const int Own = 1;

    /// <summary>A base schema in three versions, the second of which is extended, and a message of each version.</summary>
    private static readonly Gen<SchemaCase> s_case =
        from history in HistoryGen.Versions(Versions)
        from json in Gen.CollectToArray(history, version => JsonGen.Record(version.Record))
        from count in Gen.Choose(1, 10)
        from added in SchemaGen.Field(1).ArrayOf(count)
        select new SchemaCase(history, json, new MessageSchema("test.generated", "Wider", new RecordDefinition(
            [.. history[Own].Record.Fields,
                .. added.Select((field, i) => new FieldDefinition($"{field.Name}_w{i}", field.Type, isOptional: true, field.Privacy))])));

    [Property(150, 5_000, Arbitrary = [typeof(Cases)])]
    public void Widening_loses_nothing_and_adds_nothing(SchemaCase c)
    {
        (EsfSchema from, EsfSchema to) = (new EsfSchema(c.History[Own]), new EsfSchema(c.Wider));
        byte[] message = Schemas.Encode(from, c.Json[Own]);
        byte[] wider = Widen(new EsfWidening(from, to), message);
        Assert.True(EsfValidator.Check(to, wider).IsOk, EsfValidator.Check(to, wider).ToString());
        Assert.Equal(c.Json[Own], Schemas.Print(to, wider));
        Assert.Equal(Schemas.Encode(to, c.Json[Own]), wider);
    }

    [Fact]
    public void Begin_copies_common_fields_of_another_version_or_throws()
    {
        int taken = 0;
        Check(c =>
        {
            (EsfSchema from, EsfSchema to) = (new EsfSchema(c.History[Own]), new EsfSchema(c.Wider));
            EsfWidening widening = new(from, to);
            foreach (int version in new[] { 0, 2 })
            {
                EsfSchema writer = new(c.History[version]);
                byte[] message = Schemas.Encode(writer, c.Json[version]);
                try
                {
                    byte[] wider = Widen(widening, message);
                    Assert.True(EsfValidator.Check(to, wider).IsOk, EsfValidator.Check(to, wider).ToString());
                    Assert.Equal(CommonPart.Of(c.Json[version], writer.Definition.Record, from.Definition.Record, out _),
                        Schemas.Print(to, wider));
                    taken++;
                }
                catch (EstreamFormatException)
                {
                    // An object or an enum of the later version has grown, which a message of this version must not contain.
                    Assert.NotEqual(from.Id, writer.Id);
                }
            }
        });
        Assert.True(taken > 20, $"{taken} were taken.");
    }

    [Property(150, 5_000, Arbitrary = [typeof(Cases)])]
    public void Widening_rejects_a_damaged_message_or_yields_an_equally_valid_one(SchemaCase c)
    {
        (EsfSchema from, EsfSchema to) = (new EsfSchema(c.History[Own]), new EsfSchema(c.Wider));
        EsfWidening widening = new(from, to);
        Random random = new(c.Json[Own].Length);
        byte[] message = Schemas.Encode(from, c.Json[Own]);
        for (int i = 0; i < 20; i++)
        {
            byte[] damaged = [.. message];
            damaged[random.Next(16, damaged.Length)] = (byte)random.Next(256);
            try
            {
                byte[] wider = Widen(widening, damaged);
                Assert.True(!EsfValidator.Check(from, damaged).IsOk || EsfValidator.Check(to, wider).IsOk);
            }
            catch (EstreamCorruptionException)
            {
                Assert.False(EsfValidator.Check(from, damaged).IsOk);
            }
            catch (EstreamFormatException withheld)
            {
                Assert.Contains(" withheld ", withheld.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Begin_clears_presence_bits_of_added_fields()
    {
        EsfSchema from = EsfSchema.FromCanonicalText("esf1 a.B{x?:u8}");
        EsfSchema to = EsfSchema.FromCanonicalText("esf1 a.C{x?:u8,y?:u8,z?:string}");
        byte[] message = Schemas.Encode(from, """{"x":1}""");
        message[16] = 0xff;
        Assert.Equal("""{"x":1}""", Schemas.Print(to, Widen(new EsfWidening(from, to), message)));
    }

    [Theory]
    [InlineData("esf1 a.C{x:u8}")]
    [InlineData("esf1 a.C{x:u8,s:string}")]
    [InlineData("esf1 a.C{x:u8,s:string(8)}")]
    [InlineData("esf1 a.C{x:u8,s:string(80),y:u8}")]
    [InlineData("esf1 a.C{x:u8,s?:string(8),y:u8}")]
    [InlineData("esf1 a.C{s:string(8),x:u8,y:u8}")]
    [InlineData("esf1 a.C{x:u8,s:string(8)@encrypted,y:u8}")]
    public void Constructor_throws_when_the_base_fields_do_not_come_first(string canonicalText)
    {
        EsfSchema from = EsfSchema.FromCanonicalText("esf1 a.B{x:u8,s:string(8)}");
        ArgumentException error = Assert.Throws<ArgumentException>(() => new EsfWidening(from, EsfSchema.FromCanonicalText(canonicalText)));
        Assert.Contains("does not begin with the fields of a.B", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Begin_throws_for_foreign_messages_and_short_destinations()
    {
        (EsfSchema from, EsfSchema to) = Small();
        EsfWidening widening = new(from, to);
        byte[] message = Schemas.Encode(from, """{"x":1,"s":"abc"}""");
        Assert.Equal(2, widening.AddedBytes);
        Assert.Throws<ArgumentException>(() => widening.Begin(message, new byte[message.Length + 1]));
        Assert.Equal(message.Length + 2, widening.Begin(message, new byte[message.Length + 2]));
        Assert.Throws<EstreamFormatException>(() => widening.Begin(message.AsSpan(0, 20), new byte[100]));
        Assert.Throws<EstreamFormatException>(() => widening.Begin(Schemas.Encode(to, """{"x":1,"s":"abc","y":2}"""), new byte[100]));
    }

    [Theory]
    [InlineData(0u, 1u)]
    [InlineData(16u, 1u)]
    [InlineData(25u, 4u)]
    [InlineData(uint.MaxValue, 0u)]
    [InlineData(25u, uint.MaxValue)]
    public void Begin_throws_for_a_reference_outside_the_variable_section(uint offset, uint length)
    {
        (EsfSchema from, EsfSchema to) = Small();
        byte[] message = Schemas.Encode(from, """{"x":1,"s":"abc"}""");
        BinaryPrimitives.WriteUInt64LittleEndian(message.AsSpan(17), offset | ((ulong)length << 32));
        Assert.Throws<EstreamCorruptionException>(() => new EsfWidening(from, to).Begin(message, new byte[100]));
    }

    [Fact]
    public void Begin_throws_for_a_withheld_value_and_names_its_field()
    {
        EsfSchema from = EsfSchema.FromCanonicalText("esf1 a.B{x:u8,s?:string(8)@encrypted}");
        EsfSchema to = EsfSchema.FromCanonicalText("esf1 a.C{x:u8,s?:string(8)@encrypted,y:u16}");
        byte[] message = Schemas.Encode(from, """{"x":1,"s":"abc"}""");
        message[24] |= 0x80;
        Assert.True(EsfValidator.Check(from, message).IsOk);
        EstreamFormatException error = Assert.Throws<EstreamFormatException>(() => new EsfWidening(from, to).Begin(message, new byte[100]));
        Assert.Contains("with 's' withheld", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Begin_throws_for_a_sealed_message()
    {
        EsfSchema from = EsfSchema.FromCanonicalText("esf1 a.B{x:u8,s?:string(8)@encrypted}");
        EsfSchema to = EsfSchema.FromCanonicalText("esf1 a.C{x:u8,s?:string(8)@encrypted,y:u16}");
        byte[] message = Schemas.Encode(from, """{"x":1}""");
        message[15] = EsfMessageHeader.SealedFlag;
        EstreamFormatException error = Assert.Throws<EstreamFormatException>(() => new EsfWidening(from, to).Begin(message, new byte[100]));
        Assert.Contains("sealed for B", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Begin_allocates_nothing()
    {
        (EsfSchema from, EsfSchema to) = Small();
        EsfWidening widening = new(from, to);
        byte[] message = Schemas.Encode(from, """{"x":1,"s":"abc"}""");
        byte[] destination = new byte[100];
        Assert.Equal(0, AllocationMeter.OnThisThread(1_000, () => widening.Begin(message, destination)));
    }

    private static (EsfSchema From, EsfSchema To) Small() =>
        (EsfSchema.FromCanonicalText("esf1 a.B{x:u8,s:string(8)}"), EsfSchema.FromCanonicalText("esf1 a.C{x:u8,s:string(8),y:u16}"));

    private static byte[] Widen(EsfWidening widening, byte[] message)
    {
        byte[] destination = new byte[message.Length + 4_096 + widening.AddedBytes];
        destination.AsSpan().Fill(0xa5);
        return destination[..widening.Begin(message, destination)];
    }

    // Runs a body for many cases. Used by the test that counts over all cases, because a property test cannot.
    private static void Check(Action<SchemaCase> body) =>
        Prop.ForAll(s_case.ToArbitrary(), body).Check(Config.QuickThrowOnFailure.WithMaxTest(LongRun.Count(150, 5_000)));

    /// <summary>Versions of a base schema, a value of each, and a schema that extends the second version.</summary>
    public sealed record SchemaCase(MessageSchema[] History, string[] Json, MessageSchema Wider)
    {
        public override string ToString() =>
            Wider.CanonicalText + "\n" + string.Join('\n', History.Zip(Json, (version, json) => version.CanonicalText + " " + json));
    }

    /// <summary>Base schemas with one to ten fields added.</summary>
    public static class Cases
    {
        /// <summary>Any case.</summary>
        public static Arbitrary<SchemaCase> All() => s_case.ToArbitrary();
    }
}

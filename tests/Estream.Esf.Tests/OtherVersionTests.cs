using System.Buffers.Binary;
using System.Text;
using Estream.Esf.Schema;

namespace Estream.Esf.Tests;

/// <summary>
/// Messages of another version of a schema, byte by byte. Messages that a compatible version can produce are accepted, all others are
/// rejected, and checks stay strict for a message of the reader's own version.
/// </summary>
public sealed class OtherVersionTests
{
    private const int FixedLengthAt = 12;
    private const int StateAt = 26;
    private const int PlaceAt = 28;
    private const int EarlierEnd = 44;
    private const int NoteAt = 46;
    private const int LaterEnd = 54;

    private static readonly EsfSchema s_earlier = Schemas.Doors[0];
    private static readonly EsfSchema s_later = Schemas.Doors[1];
    private static readonly byte[] s_early = Schemas.Encode(s_earlier, Schemas.DoorsJson[0]);
    private static readonly byte[] s_late = Schemas.Encode(s_later, Schemas.DoorsJson[1]);

    [Fact]
    public void Check_rejects_a_fixed_block_that_ends_inside_a_field()
    {
        // The fields after the last required field, which is state, may have been appended: place, seen, force and note.
        for (int length = 0; length < LaterEnd; length++)
        {
            byte[] message = new byte[200];
            s_early.CopyTo(message, 0);
            BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(FixedLengthAt), (ushort)length);
            bool ends = length is PlaceAt or PlaceAt + 8 or EarlierEnd or NoteAt;
            Assert.Equal(ends, EsfValidator.Check(s_later, message).Error != EsfError.IncompatibleVersion);
            Assert.Equal(ends, s_later.Matches(message));
            Assert.True(s_later.TryGetField("count", out EsfField? count));
            Assert.Equal(ends, count.IsPresent(message));
        }
    }

    [Fact]
    public void Check_rejects_a_later_fixed_block_longer_than_the_message()
    {
        foreach (int length in new[] { s_late.Length, ushort.MaxValue })
        {
            byte[] message = [.. s_late];
            BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(FixedLengthAt), (ushort)length);
            bool fits = length <= message.Length;
            Assert.Equal(fits ? EsfError.BadReference : EsfError.Truncated, EsfValidator.Check(s_earlier, message).Error);
            Assert.Equal(fits, s_earlier.Matches(message));
        }
    }

    [Fact]
    public void Check_rejects_a_truncated_message_of_another_version()
    {
        for (int length = 0; length < s_early.Length; length++)
        {
            Assert.False(EsfValidator.Check(s_later, s_early.AsSpan(0, length)).IsOk, $"{length} bytes");
        }
    }

    [Theory]
    [InlineData(14, 2)]
    [InlineData(15, 2)]
    [InlineData(15, 255)]
    public void Check_rejects_another_format_version_or_unknown_flags(int at, byte value)
    {
        byte[] message = [.. s_early];
        message[at] = value;
        Assert.Equal(EsfError.UnsupportedFormat, EsfValidator.Check(s_later, message).Error);
        Assert.False(s_later.Matches(message));
    }

    [Fact]
    public void Matches_accepts_a_sealed_message_of_another_version()
    {
        byte[] message = [.. s_early];
        message[15] = EsfMessageHeader.SealedFlag;
        Assert.True(s_later.Matches(message));
        Assert.Equal(EsfError.BadEnvelope, EsfValidator.Check(s_later, message).Error);
    }

    [Fact]
    public void Fields_beyond_an_earlier_fixed_block_are_absent()
    {
        // The earlier message's variable section begins at the offset where the later version stores the field force and its presence bit.
        byte[] message = [.. s_early];
        message.AsSpan(EarlierEnd, 5).Fill(0xff);
        Assert.True(s_later.TryGetField("force", out EsfField? force));
        Assert.True(s_later.TryGetField("note", out EsfField? note));
        Assert.False(force.IsPresent(message));
        Assert.False(note.IsPresent(message));
    }

    [Fact]
    public void Presence_bits_of_later_fields_are_ignored()
    {
        // One presence byte serves eight optional fields, so the bit of an appended field can be inside the earlier fixed block.
        byte[] message = [.. s_early];
        Assert.Equal(1, message[24]);
        message[24] = 0xff;
        Assert.Equal(Schemas.DoorsJson[0], Schemas.Print(s_later, message));
    }

    [Fact]
    public void An_object_can_grow_between_versions_while_the_fixed_block_keeps_its_length()
    {
        // The later version differs only in a longer object, so the fixed block of the message has the same length.
        EsfSchema longer =
            Schemas.One("S: { fields: { o: { type: object, fields: { a: { type: u8 }, b: { type: string, optional: true } } } } }");
        EsfSchema shorter = Schemas.One("S: { fields: { o: { type: object, fields: { a: { type: u8 } } } } }");
        byte[] message = Schemas.Encode(longer, """{"o":{"a":1,"b":"x"}}""");
        Assert.Equal("""{"o":{"a":1}}""", Schemas.Print(shorter, message));
        Assert.Equal("""{"o":{"a":1}}""", Schemas.Print(longer, Schemas.Encode(shorter, """{"o":{"a":1}}""")));
        message[24] = 4;
        Assert.Equal((EsfError.IncompatibleVersion, "o"), Fault(longer, With(message, 0, 1)));
        message[24] = 13;
        Assert.Equal((EsfError.Truncated, "o"), Fault(shorter, message));
        Assert.Equal((EsfError.UnsupportedFormat, "o"), Fault(longer, message));
    }

    [Fact]
    public void Check_accepts_only_fixed_lengths_of_possible_versions()
    {
        // A record can only end before optional fields, and must have at least one field.
        EsfSchema schema =
            Schemas.One("S: { fields: { a: { type: string, optional: true }, b: { type: u8 }, c: { type: u8, optional: true } } }");
        byte[] message = With(Schemas.Encode(schema, """{"b":1}"""), 0, 0xff);
        foreach ((int length, bool isVersion) in new[] { (16, false), (24, false), (25, true), (26, false), (27, true), (28, false) })
        {
            message[FixedLengthAt] = (byte)length;
            Assert.Equal(isVersion, EsfValidator.Check(schema, message).IsOk);
        }

        EsfSchema optional = Schemas.One("S: { fields: { a: { type: u8, optional: true } } }");
        message = With(Schemas.Encode(optional, "{}"), 0, 0xff);
        message[FixedLengthAt] = 16;
        Assert.Equal(EsfError.IncompatibleVersion, EsfValidator.Check(optional, message).Error);
    }

    [Fact]
    public void Unknown_enum_value_is_printed_as_its_ordinal()
    {
        Assert.Equal("""{"door":"north","count":7,"state":2,"place":{"floor":-2},"seen":{"Open":1,"2":2}}""",
            Schemas.Print(s_earlier, s_late));
        Assert.True(s_earlier.TryGetField("state", out EsfField? state));
        byte[] text = new byte[8];
        Assert.True(state.TryFormat(s_late, text, out int written));
        Assert.Equal("2", Encoding.ASCII.GetString(text, 0, written));
        Assert.True(state.TryGetInt64(s_late, out long ordinal));
        Assert.Equal(2, ordinal);
        Assert.Equal((EsfError.WrongType, "state"), Refusal("""{"door":"north","state":2}"""));
        Assert.Equal((EsfError.InvalidKey, "seen"), Refusal("""{"door":"north","state":"Open","seen":{"2":1}}"""));
    }

    [Fact]
    public void Check_stays_strict_for_a_message_of_the_same_version()
    {
        byte[] unknown = With(s_late, StateAt, 3);
        Assert.Equal((EsfError.UnknownEnumValue, "state"), Fault(s_later, unknown));
        Assert.True(s_later.TryGetField("state", out EsfField? state));
        Assert.False(state.TryFormat(unknown, new byte[8], out _));

        byte[] shortened = [.. s_late];
        shortened[FixedLengthAt] = EarlierEnd;
        Assert.Equal((EsfError.UnsupportedFormat, null), Fault(s_later, shortened));
        Assert.False(s_later.Matches(shortened));

        byte[] smaller = [.. s_late];
        smaller[BinaryPrimitives.ReadInt32LittleEndian(s_late.AsSpan(PlaceAt))] = 4;
        Assert.Equal((EsfError.UnsupportedFormat, "place"), Fault(s_later, smaller));
    }

    [Fact]
    public void Check_rejects_overlapping_fields_of_another_version()
    {
        EsfSchema earlier = Schemas.One("S: { fields: { a: { type: bytes }, b: { type: bytes } } }");
        EsfSchema later = Schemas.One("S: { fields: { a: { type: bytes }, b: { type: bytes }, c: { type: bytes, optional: true } } }");
        byte[] message = Schemas.Encode(later, """{"a":"00112233","b":""}""");
        Assert.True(EsfValidator.Check(earlier, message).IsOk);
        message.AsSpan(16, 8).CopyTo(message.AsSpan(24, 8));
        Assert.Equal((EsfError.BadReference, "b"), Fault(earlier, message));
    }

    private static byte[] With(byte[] message, int at, byte value)
    {
        byte[] changed = [.. message];
        changed[at] = value;
        return changed;
    }

    private static (EsfError Error, string? Field) Fault(EsfSchema schema, byte[] message)
    {
        EsfStatus status = EsfValidator.Check(schema, message);
        return (status.Error, status.Field);
    }

    private static (EsfError Error, string? Field) Refusal(string json)
    {
        EsfStatus status = Schemas.TryEncode(s_earlier, json);
        return (status.Error, status.Field);
    }
}

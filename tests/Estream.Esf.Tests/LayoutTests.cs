using Estream.Esf.Schema;

namespace Estream.Esf.Tests;

/// <summary>The offsets of fields. They are written out, so that every change of the layout is noticed.</summary>
public sealed class LayoutTests
{
    [Fact]
    public void Telemetry_has_the_offsets_of_the_format()
    {
        RecordLayout layout = RecordLayout.OfMessage(Schemas.Telemetry.Definition.Record);
        Assert.Equal(
            "device_id@16 timestamp@24 metric_name@32 value@40 unit@48 quality@57/56.1 location@58 metadata@66 end@74",
            Describe(layout));
        RecordLayout location = RecordLayout.OfObject(layout.Fields[6].Field.Type.Record!);
        Assert.Equal("latitude@2 longitude@10 altitude_m@19/18.1 end@27", Describe(location));
    }

    [Fact]
    public void Ninth_optional_field_starts_a_second_presence_byte()
    {
        string fields = string.Join(", ", Enumerable.Range(0, 10).Select(i => $"f{i}: {{ type: u16, optional: true }}"));
        RecordLayout layout = RecordLayout.OfMessage(Schemas.One($"S: {{ fields: {{ {fields} }} }}").Definition.Record);
        Assert.Equal(
            "f0@17/16.1 f1@19/16.2 f2@21/16.4 f3@23/16.8 f4@25/16.16 f5@27/16.32 f6@29/16.64 f7@31/16.128 f8@34/33.1 f9@36/33.2 end@38",
            Describe(layout));
    }

    [Fact]
    public void Every_type_has_the_size_of_the_format_table()
    {
        RecordLayout layout = RecordLayout.OfMessage(Schemas.Everything.Definition.Record);
        Assert.Equal(
            "flag@16 a@17 b@18 c@20 d@24 e@32 f@33 g@35 h@39 i@47 j@51 at@59 state@67 key@70/69.1 text@102 short_text@110 raw@118 "
            + "signature@126 " +
            "place@134 numbers@142 names@150 grid@158 tags@166 counts@174 states@182 hashes@190 parts@198 end@206",
            Describe(layout));
    }

    [Fact]
    public void Longest_fixed_block_fits_in_its_16_bit_length()
    {
        FieldDefinition[] fields = [.. Enumerable.Range(0, EsfLimits.MaxFields)
            .Select(i => new FieldDefinition("f" + i, EsfType.Of(EsfTypeKind.Bytes32), isOptional: true))];
        Assert.All(Enum.GetValues<EsfTypeKind>().Except([EsfTypeKind.Enum, EsfTypeKind.Object, EsfTypeKind.Array, EsfTypeKind.Map])
            .Select(EsfType.Of), type => Assert.True(type.FixedSize <= 32));
        Assert.InRange(RecordLayout.OfMessage(new RecordDefinition(fields)).FixedLength, 0, RecordLayout.MaxFixedLength);
    }

    private static string Describe(RecordLayout layout) =>
        string.Join(' ', layout.Fields.Select(f =>
            f.Field.Name + "@" + f.Offset + (f.PresenceMask == 0 ? "" : $"/{f.PresenceOffset}.{f.PresenceMask}"))) + " end@"
                + layout.FixedLength;
}

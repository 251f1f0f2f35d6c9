using System.Text;

namespace Estream.Esf.Tests;

/// <summary>Fields read by name from messages whose schema is known at run time only.</summary>
public sealed class FieldAccessTests
{
    private static readonly byte[] s_message = Schemas.Encode(Schemas.Everything, """
        {"flag":true,"a":255,"b":65535,"c":4294967295,"d":18446744073709551615,"e":-128,"f":-32768,"g":-2147483648,
        "h":-9223372036854775808,"i":0.5,"j":0.25,"at":-1,"state":"Locked",
        "key":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eff","text":"häuser","raw":"00ff"}
        """);

    [Theory]
    [InlineData("flag", 1L)]
    [InlineData("a", 255L)]
    [InlineData("b", 65535L)]
    [InlineData("c", 4294967295L)]
    [InlineData("d", null)]
    [InlineData("e", -128L)]
    [InlineData("f", -32768L)]
    [InlineData("g", -2147483648L)]
    [InlineData("h", long.MinValue)]
    [InlineData("i", null)]
    [InlineData("at", -1L)]
    [InlineData("state", 2L)]
    [InlineData("text", null)]
    [InlineData("key", null)]
    public void TryGetInt64_reads_integers_and_rejects_other_types(string name, long? expected)
    {
        bool read = Field(name).TryGetInt64(s_message, out long value);
        Assert.Equal(expected, read ? value : null);
    }

    [Theory]
    [InlineData("d", ulong.MaxValue)]
    [InlineData("a", 255UL)]
    [InlineData("e", null)]
    public void TryGetUInt64_reads_non_negative_integers(string name, ulong? expected)
    {
        bool read = Field(name).TryGetUInt64(s_message, out ulong value);
        Assert.Equal(expected, read ? value : null);
    }

    [Theory]
    [InlineData("i", 0.5)]
    [InlineData("j", 0.25)]
    [InlineData("d", 18446744073709551616.0)]
    [InlineData("g", -2147483648.0)]
    [InlineData("text", null)]
    public void TryGetDouble_reads_floats_and_integers(string name, double? expected)
    {
        bool read = Field(name).TryGetDouble(s_message, out double value);
        Assert.Equal(expected, read ? value : null);
    }

    [Theory]
    [InlineData("text", "68c3a475736572")]
    [InlineData("raw", "00ff")]
    [InlineData("key", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eff")]
    [InlineData("short_text", null)]
    [InlineData("a", null)]
    public void TryGetBytes_reads_strings_and_bytes(string name, string? expected)
    {
        bool read = Field(name).TryGetBytes(s_message, out ReadOnlySpan<byte> value);
        Assert.Equal(expected, read ? Convert.ToHexStringLower(value) : null);
    }

    [Theory]
    [InlineData("text", "häuser")]
    [InlineData("d", "18446744073709551615")]
    [InlineData("h", "-9223372036854775808")]
    [InlineData("flag", "true")]
    [InlineData("state", "Locked")]
    [InlineData("key", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eff")]
    [InlineData("j", null)]
    [InlineData("raw", null)]
    [InlineData("short_text", null)]
    public void TryFormat_writes_the_text_form_of_a_value(string name, string? expected)
    {
        byte[] text = new byte[64];
        bool written = Field(name).TryFormat(s_message, text, out int length);
        Assert.Equal(expected, written ? Encoding.UTF8.GetString(text, 0, length) : null);
        if (length > 0)
        {
            Assert.False(Field(name).TryFormat(s_message, text.AsSpan(0, length - 1), out _));
        }
    }

    [Fact]
    public void Fields_are_absent_in_a_message_of_another_schema()
    {
        Assert.True(Schemas.Telemetry.TryGetField("device_id", out EsfField? field));
        Assert.False(field.TryGetBytes(s_message, out _));
        Assert.False(field.TryGetBytes(default, out _));
        Assert.False(field.IsPresent(s_message));
    }

    [Fact]
    public void TryGetBytes_returns_false_for_a_reference_out_of_bounds()
    {
        byte[] bad = [.. s_message];
        bad[102 + 7] = 0x7f;
        Assert.False(Field("text").TryGetBytes(bad, out _));
    }

    private static EsfField Field(string name)
    {
        Assert.True(Schemas.Everything.TryGetField(name, out EsfField? field));
        return field!;
    }
}

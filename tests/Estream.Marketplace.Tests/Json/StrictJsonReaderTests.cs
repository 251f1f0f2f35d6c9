using System.Text;
using Estream.Marketplace.Json;

namespace Estream.Marketplace.Tests.Json;

/// <summary>The texts that the reader rejects, and the reported positions.</summary>
public sealed class StrictJsonReaderTests
{
    private static readonly JsonLimits s_limits = new(200, MaxDepth: 4, MaxValues: 12);

    [Theory]
    [InlineData("""{"a":1,"b":2,"a":1}""", 13, "already")]
    [InlineData("""{"a":1,"\u0061":1}""", 7, "already")]
    [InlineData("""{"a":{"x":1},"b":{"x":1,"x":2}}""", 24, "already")]
    public void Json_duplicate_key_rejected(string text, int offset, string reason) => Refuses(text, offset, reason);

    [Theory]
    [InlineData("""["\ud800"]""", 2, "surrogate")]
    [InlineData("""["\ud800x"]""", 2, "surrogate")]
    [InlineData("""["\ud800\u0041"]""", 2, "surrogate")]
    [InlineData("""["\udc00\ud800"]""", 2, "surrogate")]
    [InlineData("""{"\udc00":1}""", 2, "surrogate")]
    public void Json_lone_surrogate_rejected(string text, int offset, string reason) => Refuses(text, offset, reason);

    [Theory]
    [InlineData("[1.0]", 1)]
    [InlineData("[1e2]", 1)]
    [InlineData("[1E2]", 1)]
    [InlineData("[9007199254740992]", 1)]
    [InlineData("[-9007199254740992]", 1)]
    [InlineData("[99999999999999999999999]", 1)]
    [InlineData("[-0]", 1)]
    [InlineData("[00]", 1)]
    [InlineData("[01]", 1)]
    [InlineData("[-]", 1)]
    [InlineData("[-01]", 1)]
    [InlineData("-", 0)]
    public void Json_float_or_gt_2p53_rejected(string text, int offset) => Refuses(text, offset, "whole");

    [Theory]
    [InlineData("", 0, "ends")]
    [InlineData("   ", 3, "ends")]
    [InlineData("[1,]", 3, "value")]
    [InlineData("[1 2]", 3, "expected")]
    [InlineData("[1}", 2, "expected")]
    [InlineData("{\"a\":1,}", 7, "name")]
    [InlineData("{\"a\" 1}", 5, "':'")]
    [InlineData("{a:1}", 1, "name")]
    [InlineData("{'a':1}", 1, "name")]
    [InlineData("[+1]", 1, "value")]
    [InlineData("[.5]", 1, "value")]
    [InlineData("[NaN]", 1, "value")]
    [InlineData("[nul]", 1, "value")]
    [InlineData("[truE]", 1, "value")]
    [InlineData("[1]//", 3, "after the end")]
    [InlineData("[1] [2]", 4, "after the end")]
    [InlineData("{} x", 3, "after the end")]
    [InlineData("\"a", 2, "closing")]
    [InlineData("\"a\tb\"", 2, "control")]
    [InlineData("\"a\u0000\"", 2, "control")]
    [InlineData("\"\\x\"", 1, "escape")]
    [InlineData("\"\\u12G4\"", 1, "escape")]
    [InlineData("\"\\u12", 1, "escape")]
    [InlineData("\"\\", 1, "escape")]
    [InlineData("\"\\uFFFF\"", 1, "noncharacter")]
    [InlineData("\"\uFDD0\"", 1, "noncharacter")]
    [InlineData("\u00a0[]", 0, "value")]
    [InlineData("\ufeff[]", 0, "value")]
    public void Invalid_json_is_rejected_at_its_position(string text, int offset, string reason) =>
        Refuses(text, offset, reason);

    [Theory]
    [InlineData("22C328")]
    [InlineData("22C08022")]
    [InlineData("22EDA08022")]
    [InlineData("22F490808022")]
    [InlineData("22FF22")]
    [InlineData("22E282")]
    public void Invalid_utf8_is_rejected(string hex)
    {
        Assert.False(StrictJsonReader.TryRead(Convert.FromHexString(hex), s_limits, out _, out JsonFault? fault));
        Assert.Equal((1, "these bytes are not valid UTF-8"), (fault.Offset, fault.Reason));
    }

    [Fact]
    public void Limits_on_bytes_depth_and_values_are_enforced()
    {
        Refuses(new string(' ', 201), 0, "201 bytes");
        Refuses("[[[[[]]]]]", 4, "4 deep");
        Refuses("[{\"a\":[{\"b\":[]}]}]", 12, "4 deep");
        Refuses("[1,2,3,4,5,6,7,8,9,10,11,12]", 25, "12 values");
        Assert.True(StrictJsonReader.TryRead("[1,2,3,4,5,6,7,8,9,10,11]"u8, s_limits, out _, out _));
        Assert.True(StrictJsonReader.TryRead("[[[[]]], [[[]]]]"u8, s_limits, out _, out _));
    }

    [Fact]
    public void Json_fault_has_line_and_column()
    {
        Assert.False(StrictJsonReader.TryRead("{\n  \"a\": 1,\n  \"b\": x\n}"u8, s_limits, out _, out JsonFault? fault));
        Assert.Equal("line 3, column 8: a value is expected here", fault.ToString());
    }

    [Theory]
    [InlineData("{\"b\":1,\"a\":2}", 2)]
    [InlineData("{\"a\": 1}", 5)]
    [InlineData("\"\\u0041\"", 1)]
    [InlineData("\"\\/\"", 1)]
    [InlineData("\"\\u000A\"", 2)]
    [InlineData("[1]\n", 3)]
    public void TryReadCanonical_rejects_non_canonical_text(string text, int offset)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        Assert.True(StrictJsonReader.TryRead(utf8, s_limits, out JsonValue? value, out _));
        Assert.False(StrictJsonReader.TryReadCanonical(utf8, s_limits, out _, out JsonFault? fault));
        Assert.Equal(offset, fault.Offset);
        Assert.True(StrictJsonReader.TryReadCanonical(CanonicalJson.Write(value), s_limits, out _, out _));
    }

    private static void Refuses(string text, int offset, string reason)
    {
        Assert.False(StrictJsonReader.TryRead(Encoding.UTF8.GetBytes(text), s_limits, out JsonValue? value, out JsonFault? fault));
        Assert.Null(value);
        Assert.Equal(offset, fault.Offset);
        Assert.Contains(reason, fault.Reason, StringComparison.Ordinal);
    }
}

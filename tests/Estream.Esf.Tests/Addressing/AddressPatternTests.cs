using System.Text;

namespace Estream.Esf.Tests;

public sealed class AddressPatternTests
{
    [Theory]
    [InlineData("", "is empty")]
    [InlineData("/devices/pump*/telemetry", "'pump*'")]
    [InlineData("/**/telemetry", "'**'")]
    [InlineData("/devices/***", "'***'")]
    [InlineData("/devices/100%", "'100%'")]
    [InlineData("/devices/%2", "'%2'")]
    [InlineData("/devices/%zz", "'%zz'")]
    [InlineData("estream..iot", "empty name")]
    [InlineData("estream.iot*", "'iot*'")]
    public void Parse_rejects_an_invalid_pattern_with_the_reason(string text, string reason)
    {
        Assert.False(EsfAddressPattern.TryParse(text, out _, out string? told));
        Assert.Contains(reason, told, StringComparison.Ordinal);
        Assert.Equal(told, Assert.Throws<FormatException>(() => EsfAddressPattern.Parse(text)).Message);
    }

    [Fact]
    public void TryParse_rejects_a_pattern_longer_than_the_limit()
    {
        Assert.True(EsfAddressPattern.TryParse("/" + new string('a', EsfAddress.MaxLength - 1), out _, out _));
        Assert.False(EsfAddressPattern.TryParse("/" + new string('a', EsfAddress.MaxLength), out _, out string? reason));
        Assert.Contains("1025", reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/devices/pump-7/telemetry", "/devices/pump-7/telemetry", true)]
    [InlineData("/devices/pump-7/telemetry", "/devices/pump-8/telemetry", false)]
    [InlineData("/devices/pump-7/telemetry", "/devices/pump-7", false)]
    [InlineData("/devices/pump-7/telemetry", "/devices/pump-7/telemetry/x", false)]
    [InlineData("/devices/pump-7/telemetry", "devices/pump-7/telemetry", false)]
    [InlineData("/devices/*/telemetry", "/devices/pump-7/telemetry", true)]
    [InlineData("/devices/*/telemetry", "/devices//telemetry", true)]
    [InlineData("/devices/*/telemetry", "/devices/a/b/telemetry", false)]
    [InlineData("/devices/**", "/devices/pump-7/telemetry", true)]
    [InlineData("/devices/**", "/devices", true)]
    [InlineData("/devices/**", "/device", false)]
    [InlineData("/**", "/anything/at/all", true)]
    [InlineData("/**", "", false)]
    [InlineData("/devices/pump%2d7/telemetry", "/devices/pump-7/telemetry", true)]
    [InlineData("/devices/a%2fb/telemetry", "/devices/a%2Fb/telemetry", true)]
    [InlineData("/devices/a b/telemetry", "/devices/a%20b/telemetry", true)]
    [InlineData("/devices/Zürich/telemetry", "/devices/Z%C3%BCrich/telemetry", true)]
    [InlineData("/devices/%2A/telemetry", "/devices/%2A/telemetry", true)]
    [InlineData("/devices/%2A/telemetry", "/devices/a/telemetry", false)]
    [InlineData("/devices/../telemetry", "/devices/%2E%2E/telemetry", true)]
    [InlineData("estream.iot.telemetry", "estream.iot.telemetry", true)]
    [InlineData("estream.*.telemetry", "estream.iot.telemetry", true)]
    [InlineData("estream.iot.**", "estream.iot", true)]
    [InlineData("estream.iot.**", "estream.iot.a.b", true)]
    [InlineData("estream.iot.**", "estream.iota", false)]
    [InlineData("**", "estream", true)]
    public void Matches_compares_names_exactly_and_wildcards_with_any_name(string pattern, string address, bool expected)
    {
        Assert.Equal(expected, EsfAddressPattern.Parse(pattern).Matches(Encoding.UTF8.GetBytes(address)));
        Assert.Equal(pattern, EsfAddressPattern.Parse(pattern).ToString());
    }
}

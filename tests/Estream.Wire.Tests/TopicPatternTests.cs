using System.Text;
using Estream.Esf;

namespace Estream.Wire.Tests;

public class TopicPatternTests
{
    [Theory]
    [InlineData("devices/{device_id}/telemetry", "devices/pump-7/telemetry", "device_id=pump-7")]
    [InlineData("{device_id}", "pump-7", "device_id=pump-7")]
    [InlineData("{device_id}/{metric_name}", "pump-7/pressure", "device_id=pump-7 metric_name=pressure")]
    [InlineData("a/+/{device_id}", "a/anything/pump-7", "device_id=pump-7")]
    [InlineData("a/+/{device_id}", "a//pump-7", "device_id=pump-7")]
    [InlineData("a/{device_id}/#", "a/pump-7/b/c", "device_id=pump-7")]
    [InlineData("a/{device_id}/#", "a/pump-7/", "device_id=pump-7")]
    [InlineData("a/{device_id}/#", "a/pump-7", "device_id=pump-7")]
    [InlineData("a/#", "a", "")]
    [InlineData("+/#", "a", "")]
    [InlineData("#", "what/ever", "")]
    [InlineData("werk/süd/{device_id}", "werk/süd/prüfstand", "device_id=prüfstand")]
    [InlineData("/a", "/a", "")]
    public void Pattern_matches_and_captures(string pattern, string topic, string expected)
    {
        Assert.Equal(expected, Match(pattern, topic));
    }

    [Theory]
    [InlineData("devices/{device_id}/telemetry", "devices/pump-7/telemetry/x")]
    [InlineData("devices/{device_id}/telemetry", "devices/pump-7/tele")]
    [InlineData("devices/{device_id}/telemetry", "devices//telemetry")]
    [InlineData("devices/{device_id}/telemetry", "devices/a/b/telemetry")]
    [InlineData("devices/{device_id}/telemetry", "Devices/a/telemetry")]
    [InlineData("devices/{device_id}/telemetry", "")]
    [InlineData("{device_id}", "a/b")]
    [InlineData("a/#", "ab")]
    [InlineData("a/b/#", "a")]
    [InlineData("a/+", "a")]
    public void Pattern_does_not_match_other_topics(string pattern, string topic)
    {
        Assert.Null(Match(pattern, topic));
    }

    [Theory]
    [InlineData("devices/{nobody}/x", "no field 'nobody'")]
    [InlineData("devices/{value}/x", "topics cannot contain")]
    [InlineData("devices/{device_id}/{device_id}", "captured twice")]
    [InlineData("devices/x-{device_id}", "is not a level")]
    [InlineData("devices/#/x", "is not a level")]
    [InlineData("devices/x+", "is not a level")]
    public void Invalid_pattern_is_refused(string pattern, string reason)
    {
        FormatException failure = Assert.Throws<FormatException>(() => TopicPattern.Parse(pattern, Schemas.Iot));

        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Match_does_not_allocate()
    {
        TopicPattern pattern = TopicPattern.Parse("devices/{device_id}/telemetry", Schemas.Iot);
        FieldCapture[] captures = new FieldCapture[1];

        long bytes = Testing.AllocationMeter.OnThisThread(10_000, () => pattern.TryMatch("devices/pump-7/telemetry"u8, captures));

        Assert.Equal(0, bytes);
    }

    private static string? Match(string pattern, string topic)
    {
        TopicPattern parsed = TopicPattern.Parse(pattern, Schemas.Iot);
        FieldCapture[] captures = new FieldCapture[parsed.CaptureCount];
        byte[] bytes = Encoding.UTF8.GetBytes(topic);
        return parsed.TryMatch(bytes, captures)
            ? string.Join(' ', captures.Select(c => $"{c.Field.Name}={Encoding.UTF8.GetString(bytes, c.Start, c.Length)}"))
            : null;
    }
}

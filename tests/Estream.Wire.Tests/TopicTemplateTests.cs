using System.Buffers;
using System.Text;
using Estream.Esf;

namespace Estream.Wire.Tests;

public class TopicTemplateTests
{
    [Theory]
    [InlineData("devices/{device_id}/out", "devices/pump-7/out")]
    [InlineData("{device_id}/{metric_name}/{timestamp}", "pump-7/pressure/17")]
    [InlineData("fixed/topic", "fixed/topic")]
    [InlineData("/{device_id}", "/pump-7")]
    public void Fields_are_formatted_as_topic_levels(string template, string expected)
    {
        ArrayBufferWriter<byte> topic = new();

        TranslateStatus status = TopicTemplate.Parse(template, Schemas.Iot).Format(Message("pump-7"), topic);

        Assert.True(status.IsOk, status.Describe(default));
        Assert.Equal(expected, Encoding.UTF8.GetString(topic.WrittenSpan));
    }

    [Theory]
    [InlineData("{device_id}/out", "a/b")]
    [InlineData("{device_id}/out", "a+")]
    [InlineData("{device_id}/out", "#")]
    [InlineData("{device_id}/out", "")]
    [InlineData("{unit}/out", "pump-7")]
    public void Value_that_is_not_a_valid_level_is_refused(string template, string device)
    {
        TranslateStatus status = TopicTemplate.Parse(template, Schemas.Iot).Format(Message(device), new ArrayBufferWriter<byte>());

        Assert.Equal(TranslateCode.Unfit, status.Code);
    }

    [Theory]
    [InlineData("a/+")]
    [InlineData("a/#")]
    [InlineData("a/{nobody}")]
    [InlineData("a/{value}")]
    public void Invalid_or_ambiguous_template_is_refused(string template)
    {
        Assert.Throws<FormatException>(() => TopicTemplate.Parse(template, Schemas.Iot));
    }

    private static byte[] Message(string device)
    {
        byte[] message = new byte[512];
        EsfStatus status = EsfJson.TryEncode(
            Schemas.Iot,
            Encoding.UTF8.GetBytes($$"""{"device_id":"{{device}}","timestamp":17,"metric_name":"pressure","value":1}"""),
            message,
            out int length);
        Assert.True(status.IsOk, status.ToString());
        return message[..length];
    }
}

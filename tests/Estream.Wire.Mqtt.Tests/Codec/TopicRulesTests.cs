using System.Text;
using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Tests.Codec;

public class TopicRulesTests
{
    [Theory]
    [InlineData("#")]
    [InlineData("+")]
    [InlineData("/")]
    [InlineData("a/#")]
    [InlineData("+/#")]
    [InlineData("a/+/c")]
    [InlineData("+/+")]
    [InlineData("/+")]
    [InlineData("a//b")]
    [InlineData("$SYS/#")]
    [InlineData("$share/group/a/+/#")]
    [InlineData("$share/group/#")]
    public void Valid_topic_filter_is_accepted(string filter)
    {
        Assert.True(TopicRules.IsValidFilter(Encoding.UTF8.GetBytes(filter)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a#")]
    [InlineData("a/#/b")]
    [InlineData("#/")]
    [InlineData("##")]
    [InlineData("a+")]
    [InlineData("+a/b")]
    [InlineData("a/b+/c")]
    [InlineData("++")]
    [InlineData("$share/")]
    [InlineData("$share/group")]
    [InlineData("$share//a")]
    [InlineData("$share/gr+up/a")]
    [InlineData("$share/gr#up/a")]
    [InlineData("$share/group/")]
    [InlineData("$share/group/a#")]
    [Trait("Statement", "MQTT-4.7.1-1")]
    [Trait("Statement", "MQTT-4.7.1-2")]
    [Trait("Statement", "MQTT-4.7.3-1")]
    [Trait("Statement", "MQTT-4.8.2-1")]
    [Trait("Statement", "MQTT-4.8.2-2")]
    public void Invalid_topic_filter_is_refused(string filter)
    {
        // [MQTT-4.7.1-1] [MQTT-4.7.1-2] [MQTT-4.7.3-1] [MQTT-4.8.2-1] [MQTT-4.8.2-2]
        Assert.False(TopicRules.IsValidFilter(Encoding.UTF8.GetBytes(filter)));
    }
}

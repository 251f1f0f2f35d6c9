using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Tests.Codec;

public sealed class SimplePublishTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("30", 0)]
    [InlineData("300400", 0)]
    [InlineData("30FFFFFFFF", 0)]
    [InlineData("3004000174AA", 6)]
    [InlineData("3104000174AA", 6)]
    [InlineData("3004000174AA 3003000174", 11)]
    [InlineData("3004000174AA 30040001", 6)]
    [InlineData("3004000174AA C000 3003000174", 6)]
    [InlineData("320600017400 01AA", 0)]
    [InlineData("3404000174AA", 0)]
    [InlineData("3804000174AA", 0)]
    [InlineData("1000", 0)]
    public void Complete_publish_packets_of_qos_0_are_counted_up_to_the_first_other_packet(string bytes, int length) =>
        Assert.Equal(length, FixedHeader.CountSimple(Convert.FromHexString(bytes.Replace(" ", "", StringComparison.Ordinal))));
}

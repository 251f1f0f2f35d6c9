using Estream.Core;
using Estream.Testing;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Internal.Serving;
using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests.Serving;

public class PublishingTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Retained_message_with_large_properties_does_not_keep_their_buffer(bool isSubscribed)
    {
        // The packet has user property k with a value of 60,000 bytes, twice, topic a, and no payload.
        byte[] property = [.. Hex.Bytes("26 0001 6B EA60"), .. Enumerable.Repeat((byte)'v', 60_000)];
        byte[] body = [.. Hex.Bytes("0001 61"), .. Hex.VarInt(2 * property.Length), .. property, .. property];
        using TestQueues queues = new();
        using TempDirectory folder = new();
        await File.WriteAllTextAsync(folder.Combine("rules"), ServingEndpoint.Everything);
        MqttEndpointOptions options = new() { AclFile = folder.Combine("rules"), RelayBytes = 6 << 20 };
        using EndpointServing serving =
            EndpointServing.Open(options, queues.Context, new IngressRoutes([TestQueues.JsonMapping], queues.Sinks))!;
        Assert.Equal(isSubscribed, isSubscribed && serving.CreateSubscriber(null).TrySubscribe("a"u8, default, 0, out _));
        using Publishing publishing = new(serving, [], access: null, SystemClock.Instance);

        Assert.Equal(isSubscribed ? RelayStatus.Relayed : RelayStatus.Nobody, Relay(publishing, body));

        Assert.InRange(publishing.BufferedBytes, 0, 64 * 1024);
    }

    private static RelayStatus Relay(Publishing publishing, byte[] body)
    {
        const byte Retained = 0x31;
        Assert.False(PublishPacket.Decode(Retained, body, knownTopic: default, isFromServer: false, out PublishPacket packet).IsFault);
        return publishing.Relay(packet, packet.Topic);
    }
}

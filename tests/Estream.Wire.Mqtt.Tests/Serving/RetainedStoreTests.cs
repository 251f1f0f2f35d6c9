using Estream.Queue;
using Estream.Testing;
using Estream.Wire.Mqtt.Internal.Serving;

namespace Estream.Wire.Mqtt.Tests.Serving;

public class RetainedStoreTests
{
    [Fact]
    public void A_topic_that_is_kept_already_takes_no_more_room_than_it_has()
    {
        using TempDirectory folder = new();
        AdapterPlace place = new(folder.Combine("place"), new QueueOptions());
        RelayMessage message = new() { Topic = "a/long/topic"u8, Payload = "x"u8 };
        MqttEndpointOptions exactly = new() { MaxRetainedBytes = (int)message.Length + message.Topic.Length };
        using RetainedStore store = RetainedStore.Open(place, exactly);
        Assert.True(store.HasRoom(message.Topic, message.Length));

        Assert.True(store.TryPut(message));

        Assert.True(store.HasRoom(message.Topic, message.Length));
        Assert.False(store.HasRoom(message.Topic, message.Length + 1));
        Assert.False(store.HasRoom("b"u8, 1));
    }
}

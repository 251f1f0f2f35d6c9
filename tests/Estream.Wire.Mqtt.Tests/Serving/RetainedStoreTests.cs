using System.Text;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire.Mqtt.Internal.Serving;

namespace Estream.Wire.Mqtt.Tests.Serving;

public class RetainedStoreTests
{
    [Fact]
    public void Replacing_a_retained_message_uses_no_further_topic_quota()
    {
        using TempDirectory folder = new();
        AdapterPlace place = new(folder.Combine("place"), new QueueOptions());
        RelayMessage message = new() { Topic = "a/long/topic"u8, Payload = "x"u8 };
        MqttEndpointOptions exactly = new() { MaxRetainedBytes = (int)message.Length + message.Topic.Length };
        using RetainedStore store = RetainedStore.Open(place, exactly);
        Assert.True(store.HasRoom(message.Topic, message.Length, null));

        Assert.True(store.TryPut(message, null));

        Assert.True(store.HasRoom(message.Topic, message.Length, null));
        Assert.False(store.HasRoom(message.Topic, message.Length + 1, null));
        Assert.False(store.HasRoom("b"u8, 1, null));
    }

    /// <summary>A filter that begins with a wildcard is matched against every topic. This takes several calls, between which publishers can
    /// take the lock.</summary>
    [Theory]
    [InlineData("+/none", 0)]
    [InlineData("#", 1_000)]
    [InlineData("+/9", 100)]
    [InlineData("t5/#", 10)]
    public void TryNext_checks_a_limited_number_of_topics_per_call_and_finds_all(string filter, int expected)
    {
        using TempDirectory folder = new();
        AdapterPlace place = new(folder.Combine("place"), new QueueOptions());
        using RetainedStore store = RetainedStore.Open(place, new MqttEndpointOptions());
        for (int i = 0; i < 1_000; i++)
        {
            Assert.True(store.TryPut(new RelayMessage { Topic = Encoding.UTF8.GetBytes($"t{i / 10}/{i % 10}"), Payload = "x"u8 }, null));
        }

        byte[] pattern = Encoding.UTF8.GetBytes(filter);
        byte[] from = RetainedStore.PrefixOf(pattern).ToArray();
        bool isAfter = false;
        List<byte[]> found = [];
        int calls = 0;
        for (bool isOver = false; !isOver; calls++)
        {
            if (store.TryNext(pattern, ref from, ref isAfter, long.MaxValue, out byte[]? topic))
            {
                isOver = topic is null;
                if (topic is not null)
                {
                    found.Add(topic);
                    (from, isAfter) = (topic, true);
                }
            }
        }

        Assert.Equal(expected, found.Count);
        string[] names = [.. found.Select(Encoding.UTF8.GetString)];
        Assert.Equal(names.Order(StringComparer.Ordinal), names);
        Assert.True(expected > 0 || calls >= 4, $"{calls} calls for 1,000 topics");
    }

    [Fact]
    public void User_beyond_its_topic_limit_is_refused_and_other_users_are_not()
    {
        using TempDirectory folder = new();
        MqttEndpointOptions options = new() { MaxRetainedPerUser = 2 };
        using RetainedStore store = RetainedStore.Open(new AdapterPlace(folder.Combine("place"), new QueueOptions()), options);
        Assert.True(store.TryPut(new RelayMessage { Topic = "1"u8, Payload = "x"u8 }, "ann"));
        Assert.True(store.TryPut(new RelayMessage { Topic = "2"u8, Payload = "x"u8 }, "ann"));
        Assert.False(store.HasRoom("3"u8, 10, "ann"));
        Assert.True(store.HasRoom("2"u8, 10, "ann"));
        Assert.True(store.HasRoom("3"u8, 10, "bob"));

        // Bob replaces a message, which is then charged to him.
        Assert.True(store.TryPut(new RelayMessage { Topic = "2"u8, Payload = "y"u8 }, "bob"));
        Assert.True(store.HasRoom("3"u8, 10, "ann"));
        Assert.True(store.TryPut(new RelayMessage { Topic = "3"u8, Payload = "x"u8 }, "ann"));
        Assert.False(store.HasRoom("2"u8, 10, "ann"));

        // A message without a payload removes the retained message.
        Assert.True(store.TryPut(new RelayMessage { Topic = "1"u8 }, "bob"));
        Assert.True(store.HasRoom("2"u8, 10, "ann"));
    }
}

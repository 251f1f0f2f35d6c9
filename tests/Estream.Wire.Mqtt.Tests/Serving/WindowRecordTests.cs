using Estream.Wire.Mqtt.Internal.Serving;
using Estream.Wire.Mqtt.Internal.Sessions;
using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests.Serving;

/// <summary>The stored form of in-flight messages.</summary>
public class WindowRecordTests
{
    private const int Count = 100;

    [Fact]
    public void Group_name_is_written_once_and_read_for_each_of_its_messages()
    {
        using TestRelay relay = new();
        string name = $"$share/{new string('g', 60_000)}/a";
        Subscriber subscriber = relay.Subscribe(name, MqttQos.AtLeastOnce);
        SharedSubscriptionGroup?[] groups =
            [subscriber.Shared[0].Group, null, relay.Subscribe("$share/h/a", MqttQos.AtLeastOnce).Shared[0].Group];
        for (int number = 0; number < Count; number++)
        {
            Assert.True(subscriber.Window.TryTakeId(Count, out ushort id));
            subscriber.Window.Add(new OutEntry(id, MqttQos.AtLeastOnce, OutState.Sent, number, [], Group: groups[number % groups.Length]));
        }

        RecordWriter writer = new();
        subscriber.WriteWindow(writer);
        StoredSession stored = new([(byte)'c']);
        stored.Add(RecordKind.Window, writer.Written);

        Assert.InRange(writer.Written.Length, name.Length, 2 * name.Length);
        Assert.Equal(Enumerable.Range(0, Count).Select(number => (long)number), stored.UnderWay.Select(delivery => delivery.Position));
        Assert.Equal(
            Enumerable.Range(0, Count).Select(number => groups[number % groups.Length]?.Name ?? []),
            stored.UnderWay.Select(delivery => delivery.Group));
    }
}

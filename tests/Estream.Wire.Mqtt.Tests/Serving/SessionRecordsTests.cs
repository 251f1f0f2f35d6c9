using System.Text;
using Estream.Core;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Internal;
using Estream.Wire.Mqtt.Internal.Serving;
using Estream.Wire.Mqtt.Internal.Sessions;
using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests.Serving;

/// <summary>The records that are saved for a session, and the order in which they are saved.</summary>
public sealed class SessionRecordsTests : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly FullStorage _disk = new();

    [Fact]
    public void An_announcement_that_failed_on_a_full_disk_is_not_saved_later()
    {
        // The claim of the message is aborted. Later a message of another client, with the same length, may get that position.
        using SessionStore store = Open();
        SessionRecords records = new(store, new EndpointSession("client", user: null));
        _disk.IsFull = true;
        Assert.False(records.Announce(7).TryNote("telemetry", 4_096, 100));
        _disk.IsFull = false;

        Assert.True(records.TrySave());

        Assert.Null(Stored(store).Announced);
        Assert.True(records.Announce(7).TryNote("telemetry", 8_192, 100));
        Assert.Equal(8_192, Stored(store).Announced!.Position);
    }

    [Fact]
    public void Acknowledgement_during_a_save_is_not_lost_between_session_and_group()
    {
        // If only the group had a record of the message at the next start, it would give the message to another member, and the message
        // would be delivered twice.
        using TestRelay relay = new();
        using SessionStore store = Open();
        relay.Groups.Store = store;
        EndpointSession session = new("client", user: null) { Subscriber = relay.Subscribe("$share/g/a", MqttQos.ExactlyOnce) };
        Subscriber subscriber = session.Subscriber;
        subscriber.IsKept = true;
        SubscribeToMuch(subscriber);
        Assert.True(new SessionRecords(store, new EndpointSession("another", user: null)).TrySave());
        long position = relay.Append("a");
        Take(relay, subscriber);
        int answers = 0;
        _disk.Creating = () => answers += answers == 0 ? Answer(subscriber) : 0;

        // The record of the subscriptions needs a new file; the acknowledgement arrives at that moment.
        Assert.True(new SessionRecords(store, session).TrySaveDelivery());

        Assert.Equal(1, answers);
        bool isKnown = false;
        store.Read((kind, name, record) => isKnown |= kind == RecordKind.Group && StoredGroup.Read(name, record).Known.Contains(position));
        Assert.Equal(isKnown, Stored(store).UnderWay.Exists(delivery => delivery.Position == position));
        Assert.True(isKnown);
    }

    public void Dispose()
    {
        _folder.Dispose();
    }

    private SessionStore Open()
    {
        AdapterPlace place = new(_folder.Combine("place"), new QueueOptions { Storage = _disk });
        return SessionStore.Open(place, SystemClock.Instance, new StoreOrigin(1, false), keepsWills: true);
    }

    private static StoredSession Stored(SessionStore store)
    {
        StoredSession session = new(Encoding.UTF8.GetBytes("client"));
        store.Read((kind, name, record) =>
        {
            if (name.SequenceEqual("client"u8))
            {
                session.Add(kind, record);
            }
        });
        return session;
    }

    private static void SubscribeToMuch(Subscriber subscriber)
    {
        for (int number = 0; number < 200; number++)
        {
            Assert.True(subscriber.TrySubscribe(Encoding.UTF8.GetBytes($"{number}/{new string('x', 60_000)}"), default, 0, out _));
        }
    }

    private static void Take(TestRelay relay, Subscriber subscriber)
    {
        SharedSubscription own = Assert.Single(subscriber.Shared);
        QueueTailer tailer = relay.Queue.Tailers.Rent();
        own.Group.Give(subscriber, tailer, (in QueueMessage message, SharedSubscription shared) =>
        {
            Assert.True(subscriber.Window.TryTakeId(1, out ushort id));
            subscriber.Window.Add(
                new OutEntry(id, MqttQos.ExactlyOnce, OutState.Sent, message.Position, shared.Alone, Group: shared.Group));
            return ShareTaking.UnderWayOnce;
        });
        relay.Queue.Tailers.Return(tailer);
    }

    private static int Answer(Subscriber subscriber)
    {
        AckPacket answer = new(1, MqttReasonCode.Success);
        Assert.Equal(OutAnswer.Release, subscriber.Window.Answer(PacketType.PubRec, answer));
        Assert.Equal(OutAnswer.Done, subscriber.Window.Answer(PacketType.PubComp, answer, out OutEntry done));
        done.Group!.Finish(done.Position);
        return 1;
    }
}

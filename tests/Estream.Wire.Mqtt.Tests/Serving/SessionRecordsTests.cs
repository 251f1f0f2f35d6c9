using System.Text;
using Estream.Core;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire.Mqtt.Internal;
using Estream.Wire.Mqtt.Internal.Sessions;
using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests.Serving;

/// <summary>What is kept of a session, and in which order.</summary>
public sealed class SessionRecordsTests : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly FullStorage _disk = new();

    [Fact]
    public void What_could_not_be_announced_is_not_announced_later()
    {
        // Its claim is given back: by then the message of another client may lie there, as long as this one.
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
        store.Read((kind, _, record) => session.Add(kind, record));
        return session;
    }
}

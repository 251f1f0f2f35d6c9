using Estream.Circuits.Operations;
using Estream.Core;
using Estream.Map;
using Estream.Queue;

namespace Estream.Circuits.Tests.Operations;

/// <summary>A clear removes all entries or none, and the change feed records it.</summary>
public sealed class MapClearTests : OperationCase
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_clear_writes_one_change_event_and_a_refused_clear_none(bool hasVersions)
    {
        EstreamQueue queue = Queue("changes");
        QueueChangeSink changes = Own(new QueueChangeSink(queue));
        OperationMap map = MapOf(hasVersions, "state", changes);
        OperationCircuit put = Open("map.put", With(map));
        OperationCircuit clear = Open("map.clear", With(map));
        Do(put, """{"key":"01","value":"02"}""");
        Assert.Equal("""{"status":"Conflict"}""", Do(clear, """{"expected_entries":2}"""));
        Assert.Single(Entries(map));
        Assert.Equal("""{"status":"Done","removed":1}""", Do(clear, """{"expected_entries":1}"""));
        Assert.Empty(Entries(map));
        Assert.Equal([MapChangeKind.Put, MapChangeKind.Clear], Kinds(queue));
    }

    [Fact]
    public void Versions_keep_increasing_after_a_clear()
    {
        VersionedByteMap map = Versioned("state");
        OperationCircuit clear = Open("map.clear", With(OperationMap.Of(map)));
        OperationCircuit remove = Open("map.remove", With(OperationMap.Of(map)));
        long before = map.Put([1], [2]);
        Assert.Equal("""{"status":"Done","removed":1}""", Do(clear, "{}"));
        long behind = map.Put([1], [2]);
        Assert.True(behind > before);
        Assert.Equal($$"""{"status":"Conflict","version":{{behind}}}""", Do(remove, $$"""{"key":"01","expected_version":{{before}}}"""));
    }

    private static List<MapChangeKind> Kinds(EstreamQueue queue)
    {
        using QueueTailer tailer = queue.CreateTailer();
        List<MapChangeKind> kinds = [];
        while (tailer.TryRead(out QueueMessage message))
        {
            Assert.True(MapChange.TryRead(message.Payload, out MapChange change));
            kinds.Add(change.Kind);
        }

        return kinds;
    }
}

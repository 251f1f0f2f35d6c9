using Estream.Circuits.Operations;
using Estream.Map;
using Estream.Queue;

namespace Estream.Circuits.Tests.Operations;

/// <summary>An entry that is not removed stays unchanged.</summary>
public sealed class MapRemoveTests : OperationCase
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_remove_of_a_key_beyond_the_limit_returns_TooLong(bool hasVersions) =>
        AssertTakesKeysUpToTheLongest(Open("map.remove", With(MapOf(hasVersions, "state"))));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_key_stays_when_its_removal_is_too_long_for_the_change_feed(bool hasVersions)
    {
        // The entry is stored before the map has a change feed.
        byte[] key = new byte[ByteMap.MaxKeyBytes];
        if (hasVersions)
        {
            Versioned("state").Put(key, [1]);
        }
        else
        {
            Plain("state").Put(key, [1]);
        }

        End();
        QueueChangeSink changes = Own(new QueueChangeSink(Queue("changes")));
        OperationMap map = MapOf(hasVersions, "state", changes);
        OperationCircuit remove = Open("map.remove", With(map));
        Assert.Equal("""{"status":"TooLong"}""", Do(remove, $$"""{"key":"{{Convert.ToHexString(key)}}"}"""));
        Assert.True(map.Plain?.ContainsKey(key) ?? map.Versioned!.ContainsKey(key));
    }

    [Fact]
    public void A_repeated_remove_by_version_keeps_a_value_stored_in_between()
    {
        VersionedByteMap map = Versioned("state");
        OperationCircuit remove = Open("map.remove", With(OperationMap.Of(map)));
        long version = map.Put([1], [2]);
        string request = $$"""{"key":"01","expected_version":{{version}}}""";
        Assert.Equal("""{"status":"Done"}""", Do(remove, request));
        Assert.Equal("""{"status":"Absent"}""", Do(remove, request));
        long next = map.Put([1], [3]);
        Assert.Equal($$"""{"status":"Conflict","version":{{next}}}""", Do(remove, request));
        Assert.True(map.TryGet([1], out byte[]? value, out _));
        Assert.Equal([3], value);
    }
}

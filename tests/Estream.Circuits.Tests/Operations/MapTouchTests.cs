using Estream.Circuits.Operations;
using Estream.Map;

namespace Estream.Circuits.Tests.Operations;

/// <summary>Entries expire at the time set by touch, and stay unchanged until then.</summary>
public sealed class MapTouchTests : OperationCase
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_touch_of_a_key_beyond_the_limit_returns_TooLong(bool hasVersions)
    {
        OperationCircuit touch = Open("map.touch", With(MapOf(hasVersions, "state")));
        Assert.Equal("""{"status":"TooLong"}""", Do(touch, $$"""{"key":"{{new string('0', 2 * (ByteMap.MaxKeyBytes + 1))}}"}"""));
    }

    [Fact]
    public void A_touched_entry_expires_on_time_and_keeps_value_and_version()
    {
        VersionedByteMap map = Versioned("state");
        OperationCircuit touch = Open("map.touch", With(OperationMap.Of(map)));
        long version = map.Put([1], [2]);
        Assert.Equal("""{"status":"Done"}""", Do(touch, """{"key":"01","time_to_live":2000000000}"""));
        Clock.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal("""{"status":"Done"}""", Do(touch, """{"key":"01","time_to_live":2000000000}"""));
        Clock.Pass(TimeSpan.FromSeconds(1.5));
        Assert.True(map.TryGet([1], out byte[]? value, out long now));
        Assert.Equal((version, (byte)2), (now, Assert.Single(value)));
        Clock.Pass(TimeSpan.FromSeconds(1));
        Assert.False(map.ContainsKey([1]));
        Assert.Equal("""{"status":"Absent"}""", Do(touch, """{"key":"01"}"""));
    }

    [Fact]
    public void A_touch_without_time_to_live_removes_the_expiry()
    {
        VersionedByteMap map = Versioned("state");
        OperationCircuit touch = Open("map.touch", With(OperationMap.Of(map)));
        map.Put([1], [2], TimeSpan.FromSeconds(1));
        Assert.Equal("""{"status":"Done"}""", Do(touch, """{"key":"01"}"""));
        Clock.Pass(TimeSpan.FromDays(1));
        Assert.True(map.ContainsKey([1]));
    }
}

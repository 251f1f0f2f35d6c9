using Estream.Circuits.Operations;
using Estream.Map;
using Estream.Testing;

namespace Estream.Circuits.Tests.Operations;

/// <summary>Operations on maps of fixed-size values.</summary>
public sealed class FixedMapTests : OperationCase
{
    private const string One = "0100000000000000";
    private const string Two = "0200000000000000";

    [Fact]
    public void A_state_map_is_read_and_written()
    {
        using StateMap<long, long> map = StateMap.Open<long, long>(Directory.Combine("maps", "state"));
        OperationResources places = With(OperationMap.Of(map));
        using OperationCircuit put = OperationCircuit.Open(Load("map.put"), places);
        using OperationCircuit get = OperationCircuit.Open(Load("map.get"), places);
        using OperationCircuit cas = OperationCircuit.Open(Load("map.cas"), places);
        using OperationCircuit remove = OperationCircuit.Open(Load("map.remove"), places);
        using OperationCircuit clear = OperationCircuit.Open(Load("map.clear"), places);
        Assert.Equal("""{"status":"Absent"}""", Do(get, Key(One)));
        Assert.Equal("""{"status":"Created"}""", Do(put, KeyAndValue(One, One)));
        Assert.Equal(1, map.TryGet(1, out long value) ? value : 0);
        Assert.Equal("""{"status":"Replaced"}""", Do(put, KeyAndValue(One, Two)));
        Assert.Equal($$"""{"status":"Done","value":"{{Two}}"}""", Do(get, Key(One)));
        Assert.Equal("""{"status":"Conflict"}""", Do(cas, KeyAndValue(One, One, $$""","expected":"{{One}}" """)));
        Assert.Equal("""{"status":"Replaced"}""", Do(cas, KeyAndValue(One, One, $$""","expected":"{{Two}}" """)));
        Assert.Equal("""{"status":"Created"}""", Do(cas, KeyAndValue(Two, One, ""","expected_version":0""")));
        Assert.Equal("""{"status":"Unversioned"}""", Do(cas, KeyAndValue(Two, One, ""","expected_version":1""")));
        Assert.Equal("""{"status":"Unversioned"}""", Do(put, KeyAndValue(Two, One, ""","time_to_live":1""")));
        Assert.Equal("""{"status":"Done"}""", Do(remove, Key(Two)));
        Assert.Equal("""{"status":"Absent"}""", Do(remove, Key(Two)));
        Assert.Equal("""{"status":"Done","removed":1}""", Do(clear, "{}"));
        Assert.Equal(0, map.Count);
    }

    [Fact]
    public void A_versioned_map_has_versions_and_expiry()
    {
        using VersionedMap<long, long> map =
            VersionedMap.Open<long, long>(Directory.Combine("maps", "state"), new MapOptions { Clock = Clock });
        OperationResources places = With(OperationMap.Of(map));
        using OperationCircuit put = OperationCircuit.Open(Load("map.put"), places);
        using OperationCircuit cas = OperationCircuit.Open(Load("map.cas"), places);
        using OperationCircuit remove = OperationCircuit.Open(Load("map.remove"), places);
        using OperationCircuit touch = OperationCircuit.Open(Load("map.touch"), places);
        using OperationCircuit gc = OperationCircuit.Open(Load("map.gc"), places);
        Assert.Equal("""{"status":"Created","version":1}""", Do(put, KeyAndValue(One, One)));
        Assert.Equal("""{"status":"Conflict","version":1}""", Do(cas, KeyAndValue(One, Two, ""","expected_version":7""")));
        Assert.Equal("""{"status":"Replaced","version":2}""", Do(cas, KeyAndValue(One, Two, ""","expected_version":1""")));
        Assert.Equal("""{"status":"Conflict","version":2}""", Do(remove, $$"""{"key":"{{One}}","expected_version":1}"""));
        Assert.Equal("""{"status":"Done"}""", Do(touch, $$"""{"key":"{{One}}","time_to_live":1000000}"""));
        Clock.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal("""{"status":"Done","removed":1,"entries":0}""", Do(gc, """{"shrink":false}"""));
    }

    [Fact]
    public void Other_lengths_and_operations_of_byte_maps_are_refused()
    {
        using StateMap<long, long> map = StateMap.CreateInMemory<long, long>();
        OperationResources places = With(OperationMap.Of(map));
        using OperationCircuit put = OperationCircuit.Open(Load("map.put"), places);
        Assert.Equal("""{"status":"Invalid"}""", Do(put, KeyAndValue("01", One)));
        Assert.Equal("""{"status":"TooLong"}""", Do(put, KeyAndValue(One + "00", One)));
        Assert.Equal("""{"status":"Invalid"}""", Do(put, KeyAndValue(One, "01")));
        Assert.Equal("""{"status":"TooLong"}""", Do(put, KeyAndValue(One, One + "00")));
        Assert.Contains("'map.batch' works on a ByteMap",
            Assert.Throws<ArgumentException>(() => OperationCircuit.Open(Load("map.batch"), places)).Message, StringComparison.Ordinal);
    }

    private static string Key(string key) => $$"""{"key":"{{key}}"}""";

    private static string KeyAndValue(string key, string value, string more = "") => $$"""{"key":"{{key}}","value":"{{value}}"{{more}}}""";
}

using Estream.Circuits.Operations;
using Estream.Esf.Schema;
using Estream.Map;

namespace Estream.Circuits.Tests.Operations;

/// <summary>A value is returned completely or not at all, with a status.</summary>
public sealed class MapGetTests : OperationCase
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_get_of_a_key_beyond_the_limit_returns_TooLong(bool hasVersions) =>
        AssertTakesKeysUpToTheLongest(Open("map.get", With(MapOf(hasVersions, "state"))));

    [Fact]
    public void A_get_of_a_value_beyond_the_message_limit_returns_TooLong_and_the_version()
    {
        VersionedByteMap map = Own(VersionedByteMap.CreateInMemory());
        OperationCircuit get = Open("map.get", With(OperationMap.Of(map)));
        map.Put([1], new byte[EsfLimits.MaxMessageBytes]);
        map.Put([2], [3]);
        Assert.Equal("""{"status":"TooLong","version":1}""", Do(get, """{"key":"01"}"""));
        Assert.Equal("""{"status":"Done","value":"03","version":2}""", Do(get, """{"key":"02"}"""));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Values_of_all_lengths_are_returned_completely(bool hasVersions)
    {
        OperationMap map = MapOf(hasVersions, "state");
        OperationCircuit get = Open("map.get", With(map));

        // Shorter values follow longer values: a result contains nothing of an earlier value.
        int[] lengths = [0, 1, 5_000, 3, 300_000, 299_999, 7, 0];
        for (int i = 0; i < lengths.Length; i++)
        {
            byte[] value = new byte[lengths[i]];
            Array.Fill(value, (byte)(i + 1));
            map.Plain?.Put([(byte)i], value);
            map.Versioned?.Put([(byte)i], value);
        }

        MessageBatch requests = new();
        MessageBatch results = new();
        for (int i = 0; i < lengths.Length; i++)
        {
            requests.Append(Encode(get.Operation.Request, $$"""{"key":"0{{i}}"}"""));
        }

        get.Run(requests, results);
        Assert.Equal(lengths.Length, results.Count);
        for (int i = 0; i < lengths.Length; i++)
        {
            Assert.True(get.Operation.Result.Fields[1].TryGetBytes(results[i], out ReadOnlySpan<byte> value));
            Assert.Equal((OperationStatus.Done, lengths[i]), (get.Operation.StatusOf(results[i]), value.Length));
            Assert.Equal(-1, value.IndexOfAnyExcept((byte)(i + 1)));
        }
    }

    [Fact]
    public void A_value_that_does_not_fit_in_the_batch_throws_and_keeps_earlier_results()
    {
        ByteMap map = Plain("state");
        map.Put([1], [2]);
        map.Put([2], new byte[1_000]);
        Circuit circuit = Load("map.get");
        using IExecutableOperation get = CpuTarget.Instance.Open(circuit.Operation!, With(OperationMap.Of(map)));
        MessageBatch requests = new();
        foreach (string request in new[] { """{"key":"01"}""", """{"key":"02"}""", """{"key":"01"}""" })
        {
            requests.Append(Encode(circuit.Operation!.Request, request));
        }

        MessageBatch results = new();
        _ = results.Reserve(MessageBatch.MaxBytes);
        results.Add(MessageBatch.MaxBytes - 500);
        Assert.Throws<InvalidOperationException>(() => get.Run(requests, results));
        Assert.Equal((2, OperationStatus.Done), (results.Count, circuit.Operation!.StatusOf(results[1])));
        results = new MessageBatch();
        get.Run(requests, results);
        Assert.Equal((3, OperationStatus.Done), (results.Count, circuit.Operation!.StatusOf(results[1])));
    }
}

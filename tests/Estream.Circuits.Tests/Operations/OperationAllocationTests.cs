using Estream.Circuits.Operations;
using Estream.Map;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Circuits.Tests.Operations;

/// <summary>A request allocates nothing.</summary>
public sealed class OperationAllocationTests : OperationCase
{
    [Theory]
    [InlineData(AppenderMode.Shared)]
    [InlineData(AppenderMode.Exclusive)]
    public void An_append_operation_allocates_nothing(AppenderMode mode)
    {
        OperationCircuit append =
            Open("queue.append", With(Queue("log", new QueueOptions { SegmentBytes = 16 << 20 })) with { Appending = mode });
        AssertNone(append, """{"payload":"0102030405060708"}""", OperationStatus.Done);
        OperationCircuit batches =
            Open("queue.append_batch", With(Queue("batches", new QueueOptions { SegmentBytes = 16 << 20 })) with { Appending = mode });
        AssertNone(batches, """{"payloads":["01020304","05060708"]}""", OperationStatus.Done);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Map_put_get_remove_and_cas_operations_allocate_nothing(bool hasVersions)
    {
        OperationMap map = MapOf(hasVersions, "state");
        AssertNone(Open("map.put", With(map)), """{"key":"01","value":"02"}""", OperationStatus.Replaced);
        AssertNone(Open("map.get", With(map)), """{"key":"01"}""", OperationStatus.Done);
        AssertNone(Open("map.remove", With(map)), """{"key":"02"}""", OperationStatus.Absent);
        OperationCircuit cas = Open("map.cas", With(map));
        AssertNone(cas, """{"key":"01","value":"02","expected":"02"}""", OperationStatus.Replaced);
        AssertNone(cas, """{"key":"01","value":"02","expected":"0203"}""", OperationStatus.Conflict);
        AssertNone(cas, """{"key":"02","value":"02","expected":"02"}""", OperationStatus.Absent);
    }

    private static void AssertNone(OperationCircuit circuit, string request, OperationStatus last)
    {
        MessageBatch requests = new();
        MessageBatch results = new();
        byte[] message = Encode(circuit.Operation.Request, request);
        for (int i = 0; i < 16; i++)
        {
            requests.Append(message);
        }

        requests.Append([1, 2, 3]);
        Assert.Equal(0, AllocationMeter.OnThisThread(200, () => circuit.Run(requests, results)));
        Assert.Equal((17, last, OperationStatus.Invalid),
            (results.Count, circuit.Operation.StatusOf(results[15]), circuit.Operation.StatusOf(results[16])));
    }
}

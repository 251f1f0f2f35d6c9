using System.Text;
using Estream.Circuits;
using Estream.Circuits.Operations;
using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Fpga.Tests;

/// <summary>Tests that batches of operations on a card allocate nothing once a batch of the same size has run.</summary>
public sealed class AllocationTests
{
    [CardTheory(simulated: true)]
    [InlineData("queue.append.v1")]
    [InlineData("map.put.v1")]
    [InlineData("map.cas.v1")]
    public void A_batch_of_operations_allocates_nothing(string circuit)
    {
        using TempDirectory place = new();
        using FpgaTarget target = new(new FpgaTargetOptions { Cards = ["sim:"] });
        using EstreamQueue queue = EstreamQueue.Open(place.Combine("log"));
        using VersionedByteMap map = VersionedByteMap.CreateInMemory();
        OperationResources resources = new()
        {
            Queues = new Dictionary<string, EstreamQueue> { ["log"] = queue },
            Maps = new Dictionary<string, OperationMap> { ["state"] = OperationMap.Of(map) },
        };
        using OperationCircuit opened =
            OperationCircuit.Open(Circuit.Load(RepositoryRoot.Combine("circuits", circuit, $"{circuit}.circuit.yaml")), resources, target);
        MessageBatch requests = Requests(opened.Operation);
        MessageBatch results = new();

        Assert.Equal(0, AllocationMeter.OnThisThread(5, () => opened.Run(requests, results)));
        Assert.True(target.ReadCards()[0].Answered > 0);
    }

    [CardFact(simulated: true)]
    public void Hashing_leaves_allocates_nothing()
    {
        using FpgaTarget target = new(new FpgaTargetOptions { Cards = ["sim:"] });
        byte[] messages = new byte[10 * 64];
        int[] lengths = [.. Enumerable.Repeat(64, 10)];
        byte[] hashes = new byte[10 * 32];
        Assert.Equal(0, AllocationMeter.OnThisThread(5, () => target.HashLeaves(messages, lengths, hashes)));
        Assert.True(target.ReadCards()[0].Answered > 0);
    }

    private static MessageBatch Requests(CircuitOperation operation)
    {
        MessageBatch requests = new();
        for (int i = 0; i < 40; i++)
        {
            EsfMessageBuilder request = EsfMessageBuilder.Begin(operation.Request, requests.Reserve(512));
            request.TrySet(operation.Request.Fields[0], Encoding.UTF8.GetBytes($"key {i % 8}"));
            if (operation.Kind != OperationKind.QueueAppend)
            {
                request.TrySet(operation.Request.Fields[1], new byte[i]);
            }

            if (operation.Kind == OperationKind.MapCas)
            {
                request.TrySet(operation.Request.Fields[3], (Int128)(i % 3));
            }

            Assert.True(request.TryFinish(out ReadOnlySpan<byte> message));
            requests.Add(message.Length);
        }

        return requests;
    }
}

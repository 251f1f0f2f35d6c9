using System.Text;
using Estream.Circuits;
using Estream.Circuits.Operations;
using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Fpga.Tests;

/// <summary>Tests that a card whose data differs from the host's data is corrected once, not again with every batch.</summary>
public sealed class CorrectionTests : IDisposable
{
    private readonly TempDirectory _place = new();
    private readonly ManualClock _clock = new();
    private readonly FpgaTarget _target;
    private readonly VersionedByteMap _map;
    private readonly MessageBatch _results = new();

    public CorrectionTests()
    {
        _target = new FpgaTarget(new FpgaTargetOptions { Cards = ["sim:"], Clock = _clock });
        _map = VersionedByteMap.Open(_place.Combine("state"), new ByteMapOptions { Clock = _clock });
    }

    public void Dispose()
    {
        _map.Dispose();
        _target.Dispose();
        _place.Dispose();
    }

    [CardFact(simulated: true)]
    public void Sequence_numbers_from_the_card_are_corrected_once_when_the_queue_was_not_empty()
    {
        using EstreamQueue queue = Open("log");
        using (OperationCircuit append = Append(queue))
        {
            Run(append, ["a", "b"]);
            Assert.Equal(0, Corrections());
        }

        // The lane is reassigned to another operation, and continues with the queue's numbers.
        using OperationCircuit again = Append(queue);
        Run(again, ["c", "d", "e"]);
        Assert.Equal(3, Corrections());
        Run(again, ["f", "g"]);
        Assert.Equal(3, Corrections());
    }

    [CardFact(simulated: true)]
    public void A_reassigned_lane_restarts_its_counts()
    {
        using EstreamQueue first = Open("first");
        using EstreamQueue second = Open("second");
        using (OperationCircuit append = Append(first))
        {
            Run(append, ["a", "b"]);
        }

        using OperationCircuit other = Append(second);
        Run(other, ["c", "d"]);
        Assert.Equal(0, Corrections());
    }

    [CardFact(simulated: true)]
    public void The_card_learns_keys_that_the_map_already_had()
    {
        foreach (string key in (string[])["a", "b", "c"])
        {
            _map.Put(Encoding.UTF8.GetBytes(key), "before"u8);
        }

        using OperationCircuit put = Put();
        Run(put, ["a", "b", "c"]);
        Assert.Equal(3, Corrections());
        Run(put, ["a", "b", "c"]);
        Assert.Equal(3, Corrections());
        Assert.Equal(3, _target.ReadCards()[0].Counters!.Value.MapEntries);
    }

    [CardFact(simulated: true)]
    public void The_card_forgets_a_key_removed_by_another_writer_once()
    {
        using OperationCircuit put = Put();
        Run(put, ["a", "b"]);
        _map.Remove("a"u8);
        Run(put, ["a"]);
        long corrected = Corrections();
        Assert.Equal(1, corrected);
        Run(put, ["a"]);
        Run(put, ["a", "b"]);
        Assert.Equal(corrected, Corrections());
    }

    [CardFact(simulated: true)]
    public void A_card_with_a_full_map_is_reset_and_stores_keys_again()
    {
        using OperationCircuit put = Put();
        int slots = _target.ReadCards()[0].Info!.MapSlots;
        for (int begin = 0; begin < slots + (slots / 4); begin += 512)
        {
            Run(put, [.. Enumerable.Range(begin, 512).Select(number => $"key {number}")]);
        }

        Run(put, ["new"]);
        long corrected = Corrections();
        Run(put, ["new"]);
        Assert.Equal(corrected, Corrections());
        Assert.InRange(_target.ReadCards()[0].Counters!.Value.MapEntries, 1, slots / 2);
        Assert.Equal(0, _target.ReadCards()[0].Failures);
    }

    [CardFact(simulated: true)]
    public void A_wrong_checksum_counts_as_a_card_failure()
    {
        using EstreamQueue queue = Open("log");
        using OperationCircuit append = Append(queue);
        Run(append, ["a"]);
        lock (_target.Slots[0].Gate)
        {
            _target.Slots[0].Card!.InjectFault(Internal.FpgaFault.Flip, afterCompletions: 1, seed: 5);
        }

        Run(append, ["b", "c", "d"]);
        FpgaCardReport card = _target.ReadCards()[0];
        Assert.Equal(1, card.Failures);
        Assert.Contains("checksum", card.LastFailure, StringComparison.Ordinal);
    }

    private long Corrections() => _target.ReadCards()[0].Corrections;

    private EstreamQueue Open(string name) =>
        EstreamQueue.Open(_place.Combine(name), new QueueOptions { SegmentBytes = 1 << 20, Clock = _clock });

    private OperationCircuit Append(EstreamQueue queue) =>
        Load("queue.append.v1",
            new OperationResources { Queues = new Dictionary<string, EstreamQueue> { ["log"] = queue },
            Appending = AppenderMode.Exclusive });

    private OperationCircuit Put() =>
        Load("map.put.v1", new OperationResources { Maps = new Dictionary<string, OperationMap> { ["state"] = OperationMap.Of(_map) } });

    private OperationCircuit Load(string name, OperationResources resources) =>
        OperationCircuit.Open(Circuit.Load(RepositoryRoot.Combine("circuits", name, $"{name}.circuit.yaml")), resources, _target);

    private void Run(OperationCircuit operation, string[] texts)
    {
        MessageBatch requests = new();
        EsfSchema schema = operation.Operation.Request;
        foreach (string text in texts)
        {
            EsfMessageBuilder request = EsfMessageBuilder.Begin(schema, requests.Reserve(256));
            request.TrySet(schema.Fields[0], Encoding.UTF8.GetBytes(text));
            if (schema.Fields.Count > 1)
            {
                request.TrySet(schema.Fields[1], "value"u8);
            }

            Assert.True(request.TryFinish(out ReadOnlySpan<byte> message));
            requests.Add(message.Length);
        }

        operation.Run(requests, _results);
        Assert.Equal(texts.Length, _results.Count);
    }
}

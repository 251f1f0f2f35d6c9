using System.Globalization;
using Estream.Circuits;
using Estream.Circuits.Operations;
using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Fpga.Tests;

/// <summary>Runs random batches on cards with random failures: results, queue and map equal those of the processor byte for byte.</summary>
public sealed class FailoverTests
{
    [CardFact(simulated: true)]
    public void Results_queue_and_map_equal_the_processors_under_any_card_fault()
    {
        for (int seed = 0; seed < LongRun.Count(8, 2_000); seed++)
        {
            Run(seed, cards: 1 + (seed % 2), withFaults: seed % 4 != 0);
        }
    }

    private static void Run(int seed, int cards, bool withFaults)
    {
        Random random = new(seed);
        using FpgaTarget target = new(new FpgaTargetOptions
        {
            Cards = [.. Enumerable.Repeat("sim:", cards)],
            Card = new FpgaCardOptions { RingEntries = 64, Seed = (ulong)(seed % 3) },
            ReopenInterval = TimeSpan.Zero,

            // The simulated card tells when it does nothing any more. A time limit would only count the delays of a busy machine.
            Timeout = TimeSpan.FromMinutes(5),
            MessageMemoryBytes = 1 << 18,
        });
        using Side onCards = new(target);
        using Side onProcessor = new(CpuTarget.Instance);
        for (int round = 0; round < 40; round++)
        {
            if (withFaults && random.Next(2) == 0)
            {
                Internal.CardSlot slot = target.Slots[random.Next(cards)];
                lock (slot.Gate)
                {
                    Assert.True(slot.IsReady());
                    slot.Card!.InjectFault(RandomInput.Fault(random), random.Next(60), (ulong)random.Next());
                }
            }

            int kind = random.Next(4);
            if (kind == 3)
            {
                // Another writer changes the map without the cards' knowledge.
                string key = Key(random);
                onCards.Map.Remove(System.Text.Encoding.UTF8.GetBytes(key));
                onProcessor.Map.Remove(System.Text.Encoding.UTF8.GetBytes(key));
                continue;
            }

            MessageBatch requests = Requests(random, onProcessor.Operations[kind].Operation, kind);
            Compare(onCards.Run(kind, requests), onProcessor.Run(kind, requests), $"seed {seed}, round {round}");
        }

        Assert.Equal(onProcessor.Messages(), onCards.Messages());
        Assert.Equal(onProcessor.Entries(), onCards.Entries());
        Assert.True(target.ReadCards().Sum(card => card.Answered) > 0, $"seed {seed}: no card did anything");
        Assert.True(withFaults || target.ReadCards().Sum(card => card.Failures) == 0, $"seed {seed}: {target.ReadCards()[0].LastFailure}");
    }

    private static void Compare(MessageBatch results, MessageBatch expected, string where)
    {
        Assert.Equal(expected.Count, results.Count);
        for (int i = 0; i < expected.Count; i++)
        {
            Assert.True(expected[i].SequenceEqual(results[i]), $"{where}, result {i}");
        }
    }

    private static string Key(Random random) => $"key-{random.Next(40).ToString(CultureInfo.InvariantCulture)}";

    private static MessageBatch Requests(Random random, CircuitOperation operation, int kind)
    {
        MessageBatch requests = new();
        for (int i = random.Next(1, 150); i > 0; i--)
        {
            if (random.Next(20) == 0)
            {
                requests.Append([1, 2, 3]);
                continue;
            }

            byte[] bytes = new byte[random.Next(5) == 0 ? random.Next(4_000) : random.Next(40)];
            random.NextBytes(bytes);
            EsfMessageBuilder request = EsfMessageBuilder.Begin(operation.Request, requests.Reserve(8_192));
            if (kind == 0)
            {
                request.TrySet(operation.Request.Fields[0], bytes);
            }
            else
            {
                request.TrySet(operation.Request.Fields[0], System.Text.Encoding.UTF8.GetBytes(Key(random)));
                request.TrySet(operation.Request.Fields[1], bytes);
                if (kind == 2)
                {
                    // Expects versions that exist, that existed, or that never exist. Sometimes exchanges by value instead.
                    _ = random.Next(8) == 0
                        ? request.TrySet(operation.Request.Fields[2], bytes)
                        : request.TrySet(operation.Request.Fields[3], (Int128)random.Next(-1, 60));
                }
            }

            Assert.True(request.TryFinish(out ReadOnlySpan<byte> message));
            requests.Add(message.Length);
        }

        return requests;
    }

    /// <summary>A queue and a map with their operations on one target.</summary>
    private sealed class Side : IDisposable
    {
        private static readonly string[] s_names = ["queue.append.v1", "map.put.v1", "map.cas.v1"];

        private readonly TempDirectory _place = new();
        private readonly EstreamQueue _queue;
        private readonly MessageBatch _results = new();

        public Side(IExecutionTarget target)
        {
            ManualClock clock = new();
            _queue = EstreamQueue.Open(_place.Combine("log"), new QueueOptions { SegmentBytes = 1 << 20, Clock = clock });
            Map = VersionedByteMap.Open(_place.Combine("state"), new ByteMapOptions { Clock = clock });
            OperationResources resources = new()
            {
                Queues = new Dictionary<string, EstreamQueue> { ["log"] = _queue },
                Maps = new Dictionary<string, OperationMap> { ["state"] = OperationMap.Of(Map) },
                Appending = AppenderMode.Exclusive,
            };
            Operations = [.. s_names.Select(name =>
                OperationCircuit.Open(Circuit.Load(RepositoryRoot.Combine("circuits", name, $"{name}.circuit.yaml")), resources, target))];
        }

        public VersionedByteMap Map { get; }

        public OperationCircuit[] Operations { get; }

        public MessageBatch Run(int operation, MessageBatch requests)
        {
            Operations[operation].Run(requests, _results);
            return _results;
        }

        public List<string> Messages()
        {
            List<string> all = [];
            using QueueTailer tailer = _queue.CreateTailer();
            while (tailer.TryRead(out QueueMessage message))
            {
                all.Add(Convert.ToHexString(message.Payload));
            }

            return all;
        }

        public List<string> Entries()
        {
            List<string> all = [];
            foreach (VersionedByteMapEntry entry in Map)
            {
                all.Add($"{Convert.ToHexString(entry.Key)} {Convert.ToHexString(entry.Value)} {entry.Version}");
            }

            all.Sort(StringComparer.Ordinal);
            return all;
        }

        public void Dispose()
        {
            foreach (OperationCircuit operation in Operations)
            {
                operation.Dispose();
            }

            Map.Dispose();
            _queue.Dispose();
            _place.Dispose();
        }
    }
}

using System.Buffers;
using System.Text.Json;
using Estream.Core;
using Estream.Esf;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire.Modbus.Tests.Rig;

namespace Estream.Wire.Modbus.Tests.Polling;

/// <summary>A poller that starts again with the same queue continues with the next numbers.</summary>
public sealed class PollHistoryTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_poller_that_starts_again_stores_no_number_twice_and_makes_up_what_it_missed()
    {
        await RunAsync(Points(), messages: 20);
        await RunAsync(Points(), messages: 20);

        foreach (IGrouping<string, long> series in Stored().Where(one => one.Series != "0").GroupBy(one => one.Series, one => one.Number))
        {
            long[] numbers = [.. series];
            Assert.Equal(Enumerable.Range(0, numbers.Length).Select(index => numbers[0] + index), numbers);
        }
    }

    [Fact]
    public async Task Two_reads_of_one_register_at_different_rates_are_both_stored_after_a_start()
    {
        await RunAsync(Points(), messages: 20);
        int before = Stored().Count;
        await RunAsync(Points(), messages: 20);

        // The responses to both reads have the address 0; the numbers of the slower read are half as large.
        long[] numbers = [.. Stored().Skip(before).Where(one => one.Series == "0").Select(one => one.Number)];
        Assert.Contains(numbers, number => number < numbers.Max() * 3 / 4);
    }

    private static ModbusPointOptions[] Points() =>
    [
        new ModbusPointOptions { Name = "fast", Address = 0, EveryMs = 50 },
        new ModbusPointOptions { Name = "slow", Address = 0, EveryMs = 100, Type = PointType.Bit, Bit = 3 },
    ];

    private async Task RunAsync(ModbusPointOptions[] points, int messages)
    {
        using SteadyDevice device = new(registers: 1);
        using EstreamQueue data = EstreamQueue.Open(_folder.Combine("data"));
        using EstreamQueue deadLetters = EstreamQueue.Open(_folder.Combine("dead-letters"));
        using IngressSinks sinks = new(deadLetters, PollerRig.Schemas);
        sinks.Add("data", data);
        ModbusPollerOptions options = new()
        {
            Devices =
            [
                new ModbusDeviceOptions
                {
                    Name = "plc", Endpoint = new ModbusClientOptions { Port = device.Port, TimeoutMs = 60_000 }, Points = points,
                },
            ],
            Mappings =
            [
                new ModbusMapping(PollerRig.Schema("ModbusReadResponse"), "data"),
                new ModbusMapping(PollerRig.Schema("ModbusValue"), "data"),
            ],
            MakeUp = TimeSpan.FromMinutes(1),
        };
        await using ModbusPoller poller =
            new(options, new AdapterContext("plant", PollerRig.Schemas, sinks, SystemClock.Instance, static _ => { }));
        await poller.StartAsync(CancellationToken.None);
        using CancellationTokenSource stop = new();
        Task ingest = Task.Run(() => poller.Ingest(stop.Token));
        int before = Stored().Count;
        Eventually.True(() => Stored().Count >= before + messages, "polls are stored");
        await stop.CancelAsync();
        await ingest;
    }

    /// <summary>The number of each message, with the point or address that it numbers.</summary>
    private List<(string Series, long Number)> Stored()
    {
        List<(string, long)> stored = [];
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(_folder.Combine("data"));
        using QueueTailer tailer = queue.CreateTailer();
        ArrayBufferWriter<byte> json = new();
        while (tailer.TryRead(out QueueMessage message))
        {
            json.ResetWrittenCount();
            Assert.True(PollerRig.Schemas.TryGet(message.Payload, out EsfSchema? schema));
            Assert.True(EsfJson.WriteJson(schema, message.Payload, json).IsOk);
            using JsonDocument document = JsonDocument.Parse(json.WrittenMemory);
            JsonElement root = document.RootElement;
            string series = root.TryGetProperty("point", out JsonElement point) ? point.GetString()! : $"{root.GetProperty("address")}";
            stored.Add((series, root.GetProperty("poll_sequence").GetInt64()));
        }

        return stored;
    }
}

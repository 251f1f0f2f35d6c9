using System.Buffers;
using System.Text.Json;
using Estream.Esf;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire.Dnp3;

namespace Estream.Host.Tests.Process.Industrial;

/// <summary>Goal: a host with a DNP3 master keeps the values of an outstation, and loses no event when it is killed. Method: the simulated
/// outstation runs in the test, and the host is a process.</summary>
[Collection(ProcessCollection.Name)]
public sealed class Dnp3Tests : IDisposable
{
    private const int ConfirmedBeforeKill = 200;
    private const int MaxUnconfirmed = 100;

    private static readonly int s_kills = LongRun.Count(everyday: 2, full: 30);

    private readonly TempDirectory _folder = new();

    private string Data => _folder.Combine("data");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Values_are_stored_and_shown_and_no_event_is_lost_when_the_host_is_killed()
    {
        await using Dnp3Outstation outstation = new(new Dnp3OutstationOptions { Port = FreePort.Next(), MaxEvents = 1_000_000 });
        outstation.Set(new Dnp3Measurement(Dnp3PointKind.AnalogInput, 0, 2.5));
        string config = WriteConfig(outstation.Port);
        using (HostProcess host = HostProcess.Start(Data, configFile: config).WaitUntilReady())
        {
            Eventually.True(() => host.Get("/api/queues/readings/messages?last=20").Contains("ai-0", StringComparison.Ordinal),
                "a value is in the queue");
            Eventually.True(() => host.Get("/api/maps/latest").Contains("ai-0", StringComparison.Ordinal), "the value is in the map");
            Assert.Contains("\"value\":2.5", host.Get("/api/maps/latest/rtu%2Fai-0"), StringComparison.Ordinal);
            Assert.Contains("estream_dnp3_requests_total{adapter=\"grid\",device=\"rtu\"}", host.Get("/metrics"), StringComparison.Ordinal);
            Assert.Contains("dnp3-master", host.Get("/api/overview"), StringComparison.Ordinal);
            Assert.Equal(0, host.Stop().ExitCode);
        }

        int events = 0;
        for (int kill = 0; kill < s_kills; kill++)
        {
            using HostProcess host = HostProcess.Start(Data, configFile: config).WaitUntilReady();
            int wanted = events - outstation.UnconfirmedEvents + ConfirmedBeforeKill;
            Eventually.True(
                () =>
                {
                    while (outstation.UnconfirmedEvents < MaxUnconfirmed)
                    {
                        outstation.Set(
                            new Dnp3Measurement(Dnp3PointKind.Counter, 0, ++events) { IsInteger = true }, Dnp3Classes.Events1);
                    }

                    return events - outstation.UnconfirmedEvents >= wanted;
                },
                "events are confirmed");

            // Some events are confirmed, some are stored and not confirmed, and some are only in the outstation.
            host.Kill();
        }

        using (HostProcess host = HostProcess.Start(Data, configFile: config).WaitUntilReady())
        {
            Eventually.True(() => outstation.UnconfirmedEvents == 0, "all events are confirmed");
            Assert.Equal(0, host.Stop().ExitCode);
        }

        Assert.Equal(Enumerable.Range(1, events), Stored().Distinct());
    }

    /// <summary>The values of the stored events, in order of their values.</summary>
    private IEnumerable<int> Stored()
    {
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(Path.Combine(Data, "queues", "readings"));
        using QueueTailer tailer = queue.CreateTailer();
        ArrayBufferWriter<byte> json = new();
        List<int> values = [];
        while (tailer.TryRead(out QueueMessage message))
        {
            Assert.True(Dnp3Schemas.Own.TryGet(message.Payload, out EsfSchema? schema));
            json.ResetWrittenCount();
            EsfJson.WriteJson(schema, message.Payload, json);
            using JsonDocument value = JsonDocument.Parse(json.WrittenMemory);
            if (value.RootElement.GetProperty("is_event").GetBoolean())
            {
                values.Add(value.RootElement.GetProperty("unsigned").GetInt32());
            }
        }

        return values.Order();
    }

    private string WriteConfig(int port)
    {
        string file = _folder.Combine("estream.json");
        File.WriteAllText(file, $$$$$"""
            {"Estream":{
              "Queues":{"readings":{}},
              "Maps":{"latest":{"Queue":"readings","Schema":"Dnp3Value","Key":"key"}},
              "Adapters":{
               "grid":{"Type":"dnp3-master","Reconnect":{"MaxMs":200},
                "Devices":[{"Name":"rtu","Host":"127.0.0.1","Port":{{{{{port}}}}},"TimeoutMs":20000}],
                "Mappings":[{"Schema":"Dnp3Value","Queue":"readings"}]}}}}
            """);
        return file;
    }
}

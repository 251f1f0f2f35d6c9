using System.Text.Json;
using Estream.Esf;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>Goal: in a host that is repeatedly killed, no due time of a timer has two ticks, missed due times are counted, and each tick
/// flows through its circuit once.</summary>
[Collection(LongProcessCollection.Name)]
public sealed class TimerKillTests
{
    private const long Interval = 10_000_000;
    private const int LongestMs = 400;

    private const string Circuit = """
        escir_version: "0.8.0"
        name: acme.beats.v1
        version: "1.0.0"
        inputs: [{ name: often, every: 10ms }]
        outputs: [{ name: beats, type: estream.system.TimerTick }]
        compute: [{ id: all, type: filter, when: has(at) }]
        flows: [often -> all -> beats]
        """;

    [Fact]
    public void Every_due_time_is_accounted_for_and_each_tick_flows_once_after_crashes()
    {
        using HostFiles files = new();
        Configure(files);
        Random random = new(17);
        int kills = LongRun.Count(4, 60);
        for (int kill = 0; kill < kills; kill++)
        {
            using HostProcess host = files.Start().WaitUntilReady();
            int before = files.Count("often");
            Eventually.True(() => files.Count("often") > before, "the timer ticks");
            Thread.Sleep(random.Next(LongestMs));
            host.Process.Kill();
            Assert.Equal("", host.Process.WaitForExit().Error);
        }

        int flowed;
        using (HostProcess last = files.Start().WaitUntilReady())
        {
            int before = files.Count("often");
            Eventually.True(() => files.Count("often") > before + 5, "the timer still ticks");
            flowed = files.Count("often");
            Eventually.True(() => files.Count("beats") >= flowed, "the circuit has processed the ticks");
            Assert.Equal(0, last.Stop().ExitCode);
        }

        List<byte[]> ticks = Payloads(files, "often"), beats = Payloads(files, "beats");
        Assert.True(ticks.Count > kills * 2, "there were no ticks to speak of");
        RequireWhole(ticks);

        // The circuit may not have processed the last ticks before the host stopped.
        Assert.InRange(beats.Count, flowed, ticks.Count);
        Assert.Equal(ticks.Take(beats.Count), beats);
    }

    private static void RequireWhole(List<byte[]> ticks)
    {
        Assert.True(EsfSchemaSet.BuiltIn.TryGet("estream.system.TimerTick", out EsfSchema? schema));
        (long At, long Number, long Missed)[] read =
            [.. ticks.Select(tick => (Value(schema, "at", tick), Value(schema, "number", tick), Value(schema, "missed", tick)))];
        for (int at = 0; at < read.Length; at++)
        {
            Assert.Equal((0, at), (read[at].At % Interval, read[at].Number));
            Assert.True(at == 0 || read[at].At == read[at - 1].At + ((read[at].Missed + 1) * Interval),
                $"behind {read[Math.Max(0, at - 1)]} came {read[at]}");
        }
    }

    private static long Value(EsfSchema schema, string field, byte[] message)
    {
        Assert.True(schema.Fields.First(one => one.Name == field).TryGetInt64(message, out long value));
        return value;
    }

    private static List<byte[]> Payloads(HostFiles files, string queue)
    {
        List<byte[]> payloads = [];
        files.Read(queue, message => payloads.Add(message.Payload.ToArray()));
        return payloads;
    }

    private static void Configure(HostFiles files)
    {
        string path = Path.Combine(Path.GetDirectoryName(files.Config)!, "beats.circuit.yaml");
        File.WriteAllText(path, Circuit);
        File.WriteAllText(files.Config, File.ReadAllText(files.Config)
            .Replace("\"dead-letters\":", "\"often\":{\"SegmentBytes\":65536},\"beats\":{\"SegmentBytes\":65536},\"dead-letters\":",
                StringComparison.Ordinal)
            .Replace("\"Maps\":", $"\"Circuits\":[{JsonSerializer.Serialize(path)}],\"Maps\":", StringComparison.Ordinal));
    }
}

using System.Text.Json;
using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>
/// Goal: each result of declared pipelines exists exactly once. Method: the host is repeatedly killed with SIGKILL under load. At the end,
/// the queue of results, the queue of rejected messages and the map match a replay of the input.
/// </summary>
[Collection(LongProcessCollection.Name)]
public sealed class PipelineKillTests
{
    private const string Schemas = """
        version: "1.0"
        namespace: plant.even
        schemas:
          Even: { fields: { device: { type: string(64) }, value: { type: f64 } } }
        """;

    private const string Pipelines = """
        version: "1.0"
        schemas: [even.esf.yaml]
        pipelines:
          even:
            from: { queue: telemetry, schema: IoTTelemetry }
            stages:
              - filter: value % 2 == 0
              - transform: { schema: Even, set: { device: device_id, value: "if(value % 10 == 0, value / (value - value), value)" } }
            to: { queue: even }
            rejected: uneven
          newest:
            from: { queue: even, schema: Even }
            to: { map: newest, key: device }
        """;

    [Fact]
    public async Task Each_pipeline_result_exists_once_after_crashes_under_load()
    {
        using HostFiles files = new();
        string folder = Path.GetDirectoryName(files.Config)!;
        Directory.CreateDirectory(Path.Combine(folder, "pipelines"));
        await File.WriteAllTextAsync(Path.Combine(folder, "pipelines", "even.esf.yaml"), Schemas);
        await File.WriteAllTextAsync(Path.Combine(folder, "pipelines", "even.pipeline.yaml"), Pipelines);
        string config = await File.ReadAllTextAsync(files.Config);
        await File.WriteAllTextAsync(files.Config, config
            .Replace("\"Maps\":", $"\"Pipelines\":[{JsonSerializer.Serialize(Path.Combine(folder, "pipelines"))}],\"Maps\":",
                StringComparison.Ordinal)
            .Replace("\"dead-letters\":", "\"even\":{},\"uneven\":{},\"dead-letters\":", StringComparison.Ordinal));
        Random random = new(5);
        (int http, int mqtt) = (FreePort.Next(), FreePort.Next());
        for (int kill = 0; kill < LongRun.Count(4, 60); kill++)
        {
            using HostProcess host = files.Start(http, mqtt).WaitUntilReady();
            AcknowledgedLoad load = new(mqtt, $"r{kill}", devices: 20, messagesPerSecond: 20_000);
            await load.KillAsync(host, random.Next(600));
        }

        using HostProcess last = files.Start(http, mqtt).WaitUntilReady();
        List<string> even = [.. Values(files, "telemetry", "IoTTelemetry").Where(value => value % 2 == 0 && value % 10 != 0).Select(Text)];
        int uneven = Values(files, "telemetry", "IoTTelemetry").Count(value => value % 10 == 0);
        Assert.True(even.Count > 100, "there was no load to speak of");
        Eventually.True(() => files.Count("even") >= even.Count && files.Count("uneven") >= uneven, "the pipelines have arrived");
        EsfSchemaSet schemas = EsfSchemaSet.Load(Path.Combine(folder, "pipelines", "even.esf.yaml"));
        Eventually.True(() => NewestInMap(files) == even[^1], "the map has arrived");
        Assert.Equal(even, Read(files, "even", Field(schemas, "Even", "value")).Select(Text));
        Assert.Equal(uneven, files.Count("uneven"));
        using HttpClient client = new();
        string overview = await client.GetStringAsync(new Uri(last.Address + "/api/overview"));
        Assert.Contains(
            "\"name\":\"even\",\"queue\":\"telemetry\",\"schema\":\"estream.iot.IoTTelemetry\","
            + "\"output\":\"even\",\"resultSchema\":\"plant.even.Even\",\"state\":\"running\"",
            overview,
            StringComparison.Ordinal);
        Assert.Contains("estream_pipeline_running{pipeline=\"even\"} 1", await client.GetStringAsync(new Uri(last.Address + "/metrics")),
            StringComparison.Ordinal);

        string NewestInMap(HostFiles host)
        {
            using StateMap<Utf8Key64, LatestEntry> map =
                StateMap.OpenReadOnly<Utf8Key64, LatestEntry>(Path.Combine(host.Data, "maps", "newest"));
            double? newest = null;
            foreach ((Utf8Key64 key, LatestEntry entry) in map)
            {
                newest = Last(host, schemas).Device == key.ToString() && Field(schemas, "Even", "value")
                    .TryGetDouble(entry.Message, out double value) ? value : newest;
            }

            return Text(newest ?? -1);
        }
    }

    private static string Text(double value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static EsfField Field(EsfSchemaSet schemas, string schema, string name)
    {
        Assert.True(schemas.TryGet(schema, out EsfSchema? found));
        Assert.True(found.TryGetField(name, out EsfField? field));
        return field;
    }

    private static List<double> Values(HostFiles files, string queue, string schema) =>
        Read(files, queue, Field(EsfSchemaSet.BuiltIn, schema, "value"));

    private static List<double> Read(HostFiles files, string queue, EsfField field)
    {
        using EstreamQueue opened = EstreamQueue.OpenReadOnly(Path.Combine(files.Data, "queues", queue));
        using QueueTailer tailer = opened.CreateTailer();
        List<double> values = [];
        while (tailer.TryRead(out QueueMessage message))
        {
            Assert.True(field.TryGetDouble(message.Payload, out double value));
            values.Add(value);
        }

        return values;
    }

    private static (string Device, double Value) Last(HostFiles files, EsfSchemaSet schemas)
    {
        using EstreamQueue opened = EstreamQueue.OpenReadOnly(Path.Combine(files.Data, "queues", "even"));
        using QueueTailer tailer = opened.CreateTailer();
        (string, double) last = default;
        while (tailer.TryRead(out QueueMessage message))
        {
            Assert.True(Field(schemas, "Even", "device").TryGetBytes(message.Payload, out ReadOnlySpan<byte> device));
            Assert.True(Field(schemas, "Even", "value").TryGetDouble(message.Payload, out double value));
            last = (System.Text.Encoding.UTF8.GetString(device), value);
        }

        return last;
    }
}

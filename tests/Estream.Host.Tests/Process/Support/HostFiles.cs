using Estream.Queue;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>A data directory and a configuration with small segments, so that a short load crosses many segment ends.</summary>
internal sealed class HostFiles : IDisposable
{
    /// <summary>A schema that is not built in.</summary>
    public const string MeterSchema = """
        version: "1.0"
        namespace: plant.meters
        schemas:
          MeterReading:
            description: "What a meter shows"
            lattice: plant.meters.reading
            fields:
              meter: { type: string(32) }
              kwh: { type: f64 }
        """;

    private readonly TempDirectory _directory;

    public HostFiles(string? parent = null, int segmentBytes = 256 * 1024)
    {
        _directory = new TempDirectory(parent);
        Data = _directory.Combine("data");
        Config = _directory.Combine("estream.json");
        File.WriteAllText(Config, $$$$$"""
            {"Estream":{"Queues":{"telemetry":{"SegmentBytes":{{{{{segmentBytes}}}}}},"dead-letters":{"SegmentBytes":131072}},
             "Maps":{"latest":{"Queue":"telemetry","Schema":"IoTTelemetry","Key":"device_id"}},
             "Adapters":{"devices":{"Type":"mqtt-endpoint","MaxPacketBytes":65536,
               "Mappings":[{"Topic":"devices/{device_id}/telemetry","Schema":"IoTTelemetry","Queue":"telemetry"}]}}}}
            """);
    }

    public string Data { get; }

    public string Config { get; }

    public HostProcess Start(int httpPort = 0, int mqttPort = 0) => HostProcess.Start(Data, httpPort, mqttPort, Config);

    /// <summary>Reads a queue of the host from its oldest to its newest message.</summary>
    public void Read(string queue, Action<QueueMessage> take)
    {
        using EstreamQueue opened = EstreamQueue.OpenReadOnly(Path.Combine(Data, "queues", queue));
        using QueueTailer tailer = opened.CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            take(message);
        }
    }

    /// <summary>The number of readable messages of a queue.</summary>
    public int Count(string queue)
    {
        int count = 0;
        Read(queue, _ => count++);
        return count;
    }

    public void Dispose() => _directory.Dispose();
}

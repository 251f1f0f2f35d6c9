using System.Text.Json;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>Goal: a map that a pipeline writes is read like a map that follows a queue: over REST, in the overview of the console, and by
/// clients.</summary>
[Collection(ProcessCollection.Name)]
public sealed class OutputMapTests : IDisposable
{
    private readonly HostFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task A_map_of_a_pipeline_is_read_over_REST_and_by_the_command_line()
    {
        string pipeline = _files.Config + ".pipeline.yaml";
        File.WriteAllText(pipeline, """
            version: "1.0"
            pipelines:
              newest:
                from: { queue: telemetry, schema: IoTTelemetry }
                to: { map: newest, key: device_id }
            """);
        File.WriteAllText(_files.Config, File.ReadAllText(_files.Config)
            .Replace("{\"Estream\":{", $"{{\"Estream\":{{\"Pipelines\":[{JsonSerializer.Serialize(pipeline)}],", StringComparison.Ordinal));
        using HostProcess host = _files.Start().WaitUntilReady();
        await using (AcknowledgedLoad load = new(host.MqttPort, "out", devices: 2, maxMessages: 10))
        {
            await load.Completion;
        }

        string key = "";
        Eventually.True(() => TryFindKey(host.Get("/api/maps/newest"), out key), "both devices are in the map");
        Assert.Contains("\"metric_name\"", host.Get($"/api/maps/newest/{key}"), StringComparison.Ordinal);
        Eventually.True(() => host.Get("/api/overview").Contains("{\"name\":\"newest\",\"queue\":\"telemetry\"", StringComparison.Ordinal),
            "the overview lists the map");
        string socket = $"unix:{Path.Combine(_files.Data, "run", "client.sock")}";
        ProcessResult shown = ChildProcess.Run("dotnet", [BuiltProgram.Cli, "map", "get", "newest", key, "--host", socket]);
        Assert.Equal((0, ""), (shown.ExitCode, shown.Error));
        Assert.Contains("metric_name", shown.Output, StringComparison.Ordinal);
        ProcessResult listed = ChildProcess.Run("dotnet", [BuiltProgram.Cli, "map", "list", "--json", "--host", host.Address]);
        Assert.Equal((0, ""), (listed.ExitCode, listed.Error));
        Assert.Contains("{\"name\":\"newest\",\"entries\":2}", listed.Output, StringComparison.Ordinal);
        ProcessResult refused = ChildProcess.Run("dotnet", [BuiltProgram.Cli, "map", "put", "newest", key, "x", "--host", socket]);
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("A pipeline or circuit writes the map", refused.Error, StringComparison.Ordinal);
        Assert.Equal(0, host.Stop().ExitCode);
    }

    private static bool TryFindKey(string page, out string key)
    {
        using JsonDocument document = JsonDocument.Parse(page);
        JsonElement entries = document.RootElement.GetProperty("entries");
        key = entries.GetArrayLength() == 2 ? entries[0].GetProperty("key").GetString()! : "";
        return key.Length > 0;
    }
}

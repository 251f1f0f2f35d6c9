using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>Goal: commands that read work with a host on another machine, without its data folder.</summary>
[Collection(ProcessCollection.Name)]
public sealed class RemoteReadTests
{
    [Fact]
    public void Lists_schemas_and_administrative_actions_of_a_host_are_printed()
    {
        using HostFiles files = new();
        string schema = Path.Combine(Path.GetDirectoryName(files.Config)!, "meters.esf.yaml");
        File.WriteAllText(schema, HostFiles.MeterSchema);
        string setting = $"{{\"Estream\":{{\"Schemas\":[{System.Text.Json.JsonSerializer.Serialize(schema)}],";
        File.WriteAllText(files.Config,
            File.ReadAllText(files.Config).Replace("{\"Estream\":{", setting, StringComparison.Ordinal));
        using HostProcess host = files.Start().WaitUntilReady();

        Assert.Matches("(?m)^telemetry +0 ", Run(host, "queue", "list"));
        Assert.Contains("{\"name\":\"telemetry\",\"messages\":0,", Run(host, "queue", "list", "--format", "json"),
            StringComparison.Ordinal);
        Assert.Matches("(?m)^latest +0$", Run(host, "map", "list"));
        string schemas = Run(host, "schema", "list");
        Assert.Contains("plant.meters.MeterReading", schemas, StringComparison.Ordinal);
        Assert.Contains("estream.iot.IoTTelemetry", schemas, StringComparison.Ordinal);
        Assert.Contains("kwh", Run(host, "schema", "show", "MeterReading"), StringComparison.Ordinal);

        // The host records the refused condition of a redrive.
        Assert.Equal(2, Result(host, "queue", "redrive", "--where", "nonsense ==").ExitCode);
        Assert.Contains("PUT /api/queues/{name}/redrive", Run(host, "audit"), StringComparison.Ordinal);
        Assert.StartsWith("{", Run(host, "audit", "--from", "last:1", "--json"), StringComparison.Ordinal);
        Assert.Contains("--from takes last:N", Result(host, "audit", "--follow").Error, StringComparison.Ordinal);
    }

    private static string Run(HostProcess host, params string[] command) => Result(host, command).EnsureSuccess().Output;

    private static ProcessResult Result(HostProcess host, params string[] command) => ChildProcess.Run(
        "dotnet", [BuiltProgram.Cli, .. command, "--host", host.Address],
        environment: new Dictionary<string, string?> { ["ESTREAM_DATA"] = "/nowhere" });
}

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

    [Fact]
    public void Circuits_and_replication_of_a_host_are_printed()
    {
        const string Circuit = """
            escir_version: "0.8.0"
            name: acme.copies.v1
            version: "1.0.0"
            inputs: [{ name: telemetry, type: IoTTelemetry }]
            outputs: [{ name: copies, type: IoTTelemetry }]
            compute: [{ id: known, type: filter, when: has(value) }]
            flows: [telemetry -> known -> copies]
            """;
        using HostFiles files = new();
        string path = Path.Combine(Path.GetDirectoryName(files.Config)!, "copies.circuit.yaml");
        File.WriteAllText(path, Circuit);
        string settings = $$"""
            {"Estream":{"Circuits":[{{System.Text.Json.JsonSerializer.Serialize(path)}}],
            "Replication":{"Cluster":"c","Brokers":["127.0.0.1:{{FreePort.Next()}}"],"Publish":["telemetry"]},
            """;
        File.WriteAllText(files.Config, File.ReadAllText(files.Config).Replace("{\"Estream\":{", settings, StringComparison.Ordinal)
            .Replace("\"telemetry\":{", "\"copies\":{},\"telemetry\":{", StringComparison.Ordinal));
        using HostProcess host = files.Start();
        Eventually.True(() => host.Process.Output.Contains("Ready:", StringComparison.Ordinal), "the host is ready");

        Assert.Matches("(?m)^acme.copies.v1 +1.0.0 +running +default +copies$", Run(host, "circuit", "list"));
        Assert.StartsWith("{\"name\":\"acme.copies.v1\",", Run(host, "circuit", "list", "--json"), StringComparison.Ordinal);
        string shown = Run(host, "circuit", "show", "acme.copies.v1");
        Assert.Matches("(?m)^known +filter +estream.iot.IoTTelemetry$", shown);
        Assert.Matches("(?m)^known +copies$", shown);
        ProcessResult missing = Result(host, "circuit", "show", "alarms");
        Assert.Equal(1, missing.ExitCode);
        Assert.Contains("The host has no circuit 'alarms'", missing.Error, StringComparison.Ordinal);

        Assert.StartsWith("publisher, ", Run(host, "replica", "status", "telemetry"), StringComparison.Ordinal);
        ProcessResult none = Result(host, "replica", "status", "copies");
        Assert.Equal((1, "not replicated\n"), (none.ExitCode, none.Output));
    }

    private static string Run(HostProcess host, params string[] command) => Result(host, command).EnsureSuccess().Output;

    private static ProcessResult Result(HostProcess host, params string[] command) => ChildProcess.Run(
        "dotnet", [BuiltProgram.Cli, .. command, "--host", host.Address],
        environment: new Dictionary<string, string?> { ["ESTREAM_DATA"] = "/nowhere" });
}

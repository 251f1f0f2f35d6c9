using Estream.Client.Tests.Hosting;
using Estream.Testing;

namespace Estream.Client.Tests;

/// <summary>Goal: the command line works on a host as the guide shows.</summary>
[Collection(HostCollection.Name)]
public sealed class CommandTests
{
    [Fact]
    public async Task Commands_append_read_and_change_a_host()
    {
        await using ClientCase host = new();
        string address = $"unix:{host.Socket}";

        Assert.Equal("stored 3 messages\n", Run("first\nsecond\n\n", "queue", "append", "trades", "--raw", "--host", address));
        string tail = Run("", "tail", "trades", "--host", address, "--from", "seq:1");
        Assert.Contains("  second\n", tail, StringComparison.Ordinal);
        Assert.DoesNotContain("first", tail, StringComparison.Ordinal);
        Assert.EndsWith("  second\n", Run("", "tail", "trades", "--host", address, "--from", "seq:1", "--limit", "1"),
            StringComparison.Ordinal);
        Assert.Equal("", Run("", "tail", "trades", "--host", address, "--from", "2100-01-01T00:00:00Z"));
        Assert.Contains("0 to 2", Run("", "queue", "info", "trades", "--host", address), StringComparison.Ordinal);
        ProcessResult none = Execute("", ["queue", "remove-group", ClientCase.Partitioned, "billing", "--host", address]);
        Assert.Equal((1, "there is no group 'billing'\n"), (none.ExitCode, none.Output));
        await (await (await host.ConnectAsync()).PartitionedQueue(ClientCase.Partitioned).JoinGroupAsync("billing")).DisposeAsync();
        Assert.Equal(
            "removed group billing\n", Run("", "queue", "remove-group", ClientCase.Partitioned, "billing", "--host", address));
        Assert.StartsWith("version ", Run("", "map", "put", "settings", "limit", "100", "--host", address), StringComparison.Ordinal);
        Assert.EndsWith("  100\n", Run("", "map", "get", "settings", "limit", "--host", address), StringComparison.Ordinal);
        Assert.StartsWith("limit  ", Run("", "map", "scan", "settings", "--host", address), StringComparison.Ordinal);
        Assert.Equal("removed\n", Run("", "map", "remove", "settings", "limit", "--host", address));

        // Over TCP, this machine has the role viewer.
        ProcessResult refused = Execute("a\n", ["queue", "append", "trades", "--host", $"estream://127.0.0.1:{host.Port}"]);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("role operator is required", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Append_with_a_schema_stores_messages_of_a_host_up_to_the_first_invalid_line()
    {
        await using ClientCase host = new();
        string[] append = ["queue", "append", "trades", "--host", $"unix:{host.Socket}"];
        const string Reading = """{"device_id":"pump-7","timestamp":1,"metric_name":"flow","value":1.5}""";

        ProcessResult refused = Execute($"{Reading}\n{{\"device_id\":7}}\n{Reading}\n", [.. append, "--schema", "IoTTelemetry"]);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("object 2, line 2, column ", refused.Error, StringComparison.Ordinal);
        Assert.EndsWith(" 1 messages are stored.\n", refused.Error, StringComparison.Ordinal);
        Assert.Contains("  IoTTelemetry  {\"device_id\":\"pump-7\"", Run("", "tail", "trades", "--host", append[4]),
            StringComparison.Ordinal);

        ProcessResult untyped = Execute("text\n", append);
        Assert.Equal(2, untyped.ExitCode);
        Assert.Contains("Give --schema IoTTelemetry and lines of JSON, or --raw", untyped.Error, StringComparison.Ordinal);
        Assert.Equal("stored 1 messages\n", Run("text\n", [.. append, "--raw"]));
    }

    private static string Run(string input, params string[] arguments)
    {
        ProcessResult result = Execute(input, arguments);
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        return result.Output;
    }

    private static ProcessResult Execute(string input, string[] arguments)
    {
        using ChildProcess command = ChildProcess.StartDotnet(BuiltProgram.Cli, arguments);
        command.Input.Write(input);
        command.Input.Close();
        return command.WaitForExit();
    }
}

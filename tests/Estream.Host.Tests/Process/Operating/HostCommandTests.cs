using System.Text.RegularExpressions;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>Goal: one program, `estream`, runs the host, checks its configuration and shows its state.</summary>
[Collection(ProcessCollection.Name)]
public sealed class HostCommandTests
{
    [Fact]
    public void Check_prints_the_errors_of_a_configuration()
    {
        using HostFiles files = new();
        File.WriteAllText(files.Config, """{"Estream":{"Queues":{"telemetry":{"SegmentByte":1}}}}""");
        ProcessResult result = Run(files, "host", "check", "--config", files.Config);
        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains("SegmentByte", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_of_a_missing_file_cannot_run()
    {
        using HostFiles files = new();
        ProcessResult result = Run(files, "host", "check", "--config", files.Config + ".gone");
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains("does not exist", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_accepts_a_valid_configuration()
    {
        using HostFiles files = new();
        ProcessResult result = Run(files, "host", "check", "--config", files.Config);
        Assert.Equal((0, $"{files.Config} is a valid configuration.\n", ""), (result.ExitCode, result.Output, result.Error));
    }

    [Fact]
    public void Status_without_a_host_says_how_to_start_one()
    {
        using HostFiles files = new();
        ProcessResult result = Run(files, "status");
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains("estream host run", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_of_the_command_line_runs_in_its_process_and_stops_by_a_signal()
    {
        using HostFiles files = new();
        Dictionary<string, string?> variables = Variables(files);
        variables["ESTREAM_HTTP_PORT"] = variables["ESTREAM_MQTT_PORT"] = "0";
        using ChildProcess host =
            ChildProcess.StartDotnet(BuiltProgram.Cli, ["host", "run", "--config", files.Config], files.Data, variables);
        ProcessResult status = Run(files, "status");
        Eventually.True(
            () => (status = Run(files, "status")).ExitCode == 0
                && Regex.IsMatch(status.Output, "(?m)^devices +healthy +mqtt-endpoint +0 +0 +0$"),
            "the host is ready and the adapter healthy",
            TimeSpan.FromMinutes(2));

        Assert.Matches("^estream [0-9.]+[^:]*: ready, up [0-9]+ s\n", status.Output);
        Assert.Matches("(?m)^ADAPTER +STATE +TYPE +CONNECTIONS +RECEIVED +REJECTED$", status.Output);
        Assert.Matches("(?m)^telemetry +0 +0 +0 B +PageCache$", status.Output);
        Assert.Matches("(?m)^latest +0 +0 +telemetry +", status.Output);
        Assert.StartsWith("{\"health\":{\"status\":\"ready\"", Run(files, "status", "--json").Output, StringComparison.Ordinal);
        Assert.Contains("Estream.Host.dll", File.ReadAllText($"/proc/{host.Id}/cmdline"), StringComparison.Ordinal);

        host.Signal("TERM");
        Assert.Equal(0, host.WaitForExit().ExitCode);
    }

    private static ProcessResult Run(HostFiles files, params string[] arguments) =>
        ChildProcess.Run("dotnet", [BuiltProgram.Cli, .. arguments], environment: Variables(files));

    private static Dictionary<string, string?> Variables(HostFiles files)
    {
        Directory.CreateDirectory(files.Data);
        return new Dictionary<string, string?> { ["ESTREAM_DATA"] = files.Data, ["ESTREAM_HOST_PROGRAM"] = BuiltProgram.Host };
    }
}

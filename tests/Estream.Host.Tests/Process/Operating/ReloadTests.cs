using System.Net;
using System.Text.Json;
using Estream.Testing;
using Estream.Wire.Mqtt;

namespace Estream.Host.Tests.Process;

/// <summary>Goal: `estream host reload` reaches the running host, applies its configuration and reports errors.</summary>
[Collection(ProcessCollection.Name)]
public sealed class ReloadTests
{
    [Fact]
    public void Reload_reports_each_adapter_and_its_errors()
    {
        using HostFiles files = new();
        string passwords = Path.Combine(Path.GetDirectoryName(files.Config)!, "passwords");
        SecretFiles.Write(passwords, MqttPasswordFile.CreateLine("ann", "a"));
        File.WriteAllText(files.Config, File.ReadAllText(files.Config).Replace(
            "\"mqtt-endpoint\",", $"\"mqtt-endpoint\",\"PasswordFile\":{JsonSerializer.Serialize(passwords)},", StringComparison.Ordinal));
        using HostProcess host = files.Start().WaitUntilReady();

        Assert.Equal((0, $"configuration: unchanged; the host reads {files.Config}\ncredentials of adapter devices: reloaded\n"),
            Run(files, "host", "reload"));
        SecretFiles.Write(passwords, "ann");
        (int code, string output) = Run(files, "host", "reload");
        Assert.NotEqual(0, code);
        Assert.StartsWith("configuration: refused; nothing was changed\nerror: Estream:Adapters:devices:PasswordFile line 1 of ", output,
            StringComparison.Ordinal);
        host.Stop();

        ProcessResult none = Result(files, "host", "reload");
        Assert.NotEqual(0, none.ExitCode);
        Assert.Contains("estream: Cannot reach a host at ", none.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Reload_applies_the_file_and_names_what_needs_a_restart()
    {
        using HostFiles files = new();
        using HostProcess host = files.Start().WaitUntilReady();
        string before = File.ReadAllText(files.Config);
        string more = before.Replace("\"telemetry\":{", "\"orders\":{},\"telemetry\":{", StringComparison.Ordinal);
        File.WriteAllText(files.Config, more);

        Assert.Equal((0, "configuration: planned\nqueue orders: would be added\n"), Run(files, "host", "reload", "--dry-run"));
        Assert.Equal(
            (0, "configuration: applied\nqueue orders: added\ncredentials of adapter devices: reloaded\n"),
            Run(files, "host", "reload"));
        Assert.Matches("(?m)^orders +0 ", Run(files, "status").Output);

        File.WriteAllText(files.Config, more.Replace("\"Estream\":{", "\"Estream\":{\"Cards\":[\"sim:\"],", StringComparison.Ordinal));
        Assert.Equal(
            (1, "configuration: refused; nothing was changed\nEstream:Cards:0: needs a restart of the host\n"),
            Run(files, "host", "reload"));
        File.WriteAllText(files.Config, more.Replace("SegmentBytes", "SegmentByte", StringComparison.Ordinal));
        (int code, string output) = Run(files, "host", "reload", "--json");
        Assert.Equal(1, code);
        Assert.Contains("Estream:Queues:telemetry:SegmentByte is", output, StringComparison.Ordinal);
        host.Stop();

        string[] acts = Run(files, "audit").Output.Split('\n');
        Assert.Contains(acts, act => act.EndsWith(": PUT /api/reload: done (HTTP 200; applied: queue orders added)",
            StringComparison.Ordinal));
        Assert.Contains(acts, act => act.EndsWith(
            "PUT /api/reload: failed (HTTP 409; refused: Estream:Cards:0 needs a restart)", StringComparison.Ordinal));
    }

    [Fact]
    public void A_hang_up_signal_applies_the_file_and_the_audit_names_it()
    {
        using HostFiles files = new();
        using HostProcess host = files.Start().WaitUntilReady();
        File.WriteAllText(files.Config, File.ReadAllText(files.Config)
            .Replace("\"telemetry\":{", "\"orders\":{},\"telemetry\":{", StringComparison.Ordinal));

        host.Process.Signal("HUP");

        Eventually.True(() => host.Get("/api/overview").Contains("\"orders\"", StringComparison.Ordinal), "the queue is added");
        Eventually.True(() => Run(files, "audit", "--json").Output.Contains("SIGHUP", StringComparison.Ordinal), "the reload is recorded");
        Assert.Equal(HttpStatusCode.OK, host.Health());
        Assert.Equal(0, host.Stop().ExitCode);
    }

    private static (int Code, string Output) Run(HostFiles files, params string[] arguments)
    {
        ProcessResult result = Result(files, arguments);
        return (result.ExitCode, result.Output);
    }

    private static ProcessResult Result(HostFiles files, params string[] arguments) => ChildProcess.Run(
        "dotnet", [BuiltProgram.Cli, .. arguments], environment: new Dictionary<string, string?> { ["ESTREAM_DATA"] = files.Data });
}

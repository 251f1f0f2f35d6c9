using System.Net;
using System.Net.Sockets;
using Estream.Testing;

namespace Estream.Cli.Tests.Scripts;

/// <summary>`./run.sh` with the real host and the real feed, without the build, which `./test.sh` has done.</summary>
public sealed class RunScriptTests : IDisposable
{
    private readonly Checkout _checkout = new(hasSources: true);
    private readonly int _httpPort = FreePort.Next();
    private readonly int _mqttPort = FreePort.Next();

    public void Dispose()
    {
        _checkout.Dispose();
    }

    [Fact]
    public void An_unknown_option_is_rejected()
    {
        using ChildProcess run = _checkout.Start("run.sh", ["--nonsense"]);
        ProcessResult result = run.WaitForExit();
        Assert.Equal((2, "run.sh: unknown option --nonsense; see ./run.sh --help\n"), (result.ExitCode, result.Error));
    }

    [Theory]
    [InlineData("ESTREAM_HTTP_PORT")]
    [InlineData("ESTREAM_MQTT_PORT")]
    public void A_used_port_is_reported_with_its_variable(string variable)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        string port = $"{((IPEndPoint)listener.LocalEndpoint).Port}";
        using ChildProcess run = Start("--no-demo", (variable, port));
        ProcessResult result = run.WaitForExit();
        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"port {port} is in use", result.Error, StringComparison.Ordinal);
        Assert.Contains(variable, result.Error, StringComparison.Ordinal);
        Assert.Empty(_checkout.Builds);
    }

    [Theory]
    [InlineData("http")]
    [InlineData("0")]
    [InlineData("70000")]
    public void An_invalid_port_is_rejected(string port)
    {
        using ChildProcess run = Start("--no-demo", ("ESTREAM_HTTP_PORT", port));
        ProcessResult result = run.WaitForExit();
        Assert.Equal((2, $"run.sh: ESTREAM_HTTP_PORT is '{port}': give a port, 1 to 65535\n"), (result.ExitCode, result.Error));
    }

    [Fact]
    public void A_failed_build_is_shown()
    {
        _checkout.BuildsBy("echo 'A.cs(1,1): error CS1002: ; expected'; exit 1");
        using ChildProcess run = Start("--no-demo");
        ProcessResult result = run.WaitForExit();
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("error CS1002", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public void A_signal_during_the_build_ends_all_processes(string signal)
    {
        _checkout.BuildsBy("bash -c 'trap \"\" INT; sleep 1000' & touch $root/building; wait");
        using ChildProcess run = Start("--no-demo");
        Eventually.True(() => File.Exists(_checkout.Combine("building")), "the build has started");

        run.Signal(signal);

        Assert.Equal((0, ""), (run.WaitForExit().ExitCode, run.Error));
        Assert.Empty(ProcessesWith(_checkout.Combine("tools")));
    }

    [Fact]
    public void A_host_that_cannot_start_is_reported_with_the_reason()
    {
        string file = _checkout.Combine("not-a-folder");
        File.WriteAllText(file, "");
        using ChildProcess run = Start("--no-demo", ("ESTREAM_DATA", file));
        ProcessResult result = run.WaitForExit();
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("the host ended with exit code", result.Error, StringComparison.Ordinal);
        Assert.Contains(file, result.Error, StringComparison.Ordinal);
    }

    // A service manager signals only the script; Ctrl-C on a terminal signals the script and all its children.
    [Theory]
    [InlineData("TERM", "")]
    [InlineData("INT", "")]
    [InlineData("INT", "-")]
    public void Host_and_devices_run_until_a_signal_and_leave_no_processes(string signal, string group)
    {
        using ChildProcess run = Start("");
        run.WaitForText($"console  http://127.0.0.1:{_httpPort}\n");
        run.WaitForText(" messages/s, ");
        ProcessResult reading = new(0, "", "");
        Eventually.True(
            () => (reading = Estream("map", "get", "latest", "device-0000")).ExitCode != ExitCode.No, "the map knows a device");
        Assert.Equal((ExitCode.Ok, ""), (reading.ExitCode, reading.Error));
        Eventually.True(
            () => Estream("map", "scan", "latest", "--limit", "2000").Output.Split('\n').Length - 1 == 1_000,
            "the map knows a thousand devices");

        ChildProcess.Run("/bin/sh", ["-c", $"kill -s {signal} -- {group}{run.Id}"]).EnsureSuccess();

        ProcessResult result = run.WaitForExit();
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains("\nsent ", result.Output, StringComparison.Ordinal);
        Assert.EndsWith($"stopped; the data stays in {_checkout.Combine("data")}\n", result.Output, StringComparison.Ordinal);
        Assert.Empty(ProcessesWith(_checkout.Combine("tools")));
        Assert.Equal(0, Estream("queue", "verify", "telemetry").ExitCode);
    }

    [Fact]
    public void No_devices_run_without_the_demo()
    {
        string data = _checkout.Combine("elsewhere");
        using ChildProcess run = Start("--no-demo", ("ESTREAM_DATA", Path.GetRelativePath(Path.GetTempPath(), data)));
        run.WaitForText("Ctrl-C ends it\n");
        run.Signal("TERM");
        ProcessResult result = run.WaitForExit();
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.DoesNotContain("messages/s", result.Output, StringComparison.Ordinal);
        Assert.Contains($"data     {data}\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_script_fails_when_the_host_dies()
    {
        using ChildProcess run = Start("");
        run.WaitForText(" messages/s, ");
        string[] hosts =
            [.. ProcessesWith("Estream.Host.dll").Where(pid => EnvironmentOf(pid).Contains(_checkout.Root, StringComparison.Ordinal))];
        ChildProcess.Run("/bin/sh", ["-c", $"kill -KILL {Assert.Single(hosts)}"]).EnsureSuccess();
        ProcessResult result = run.WaitForExit();
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("the host ended by itself", result.Error, StringComparison.Ordinal);
    }

    private ChildProcess Start(string option, params (string Name, string? Value)[] variables)
    {
        List<(string Name, string? Value)> all = [("ESTREAM_HTTP_PORT", $"{_httpPort}"), ("ESTREAM_MQTT_PORT", $"{_mqttPort}")];
        all.RemoveAll(given => variables.Any(variable => variable.Name == given.Name));
        return _checkout.Start("run.sh", option.Length == 0 ? [] : [option], [.. all, .. variables]);
    }

    private ProcessResult Estream(params string[] arguments)
    {
        Dictionary<string, string?> environment = new() { ["ESTREAM_DATA"] = _checkout.Combine("data") };
        return ChildProcess.Run("dotnet", [BuiltProgram.Cli, .. arguments], environment: environment);
    }

    // Returns the ids of processes whose command line or environment contains the path of this checkout.
    private static IEnumerable<string> ProcessesWith(string text)
    {
        return Directory.GetDirectories("/proc").Select(Path.GetFileName).OfType<string>()
            .Where(name => name.All(char.IsAsciiDigit))
            .Where(pid => Read($"/proc/{pid}/cmdline").Contains(text, StringComparison.Ordinal)
                || (pid != $"{Environment.ProcessId}" && EnvironmentOf(pid).Contains(text, StringComparison.Ordinal)));
    }

    private static string EnvironmentOf(string pid)
    {
        return Read($"/proc/{pid}/environ");
    }

    // Returns an empty text if the process has ended or belongs to another user.
    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}

using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>Goal: a host that cannot start gives the reason in one message, with an exit code for scripts.</summary>
[Collection(ProcessCollection.Name)]
public sealed class StartTests
{
    [Fact]
    public void An_invalid_configuration_gives_exit_code_2_and_starts_nothing()
    {
        using HostFiles files = new();
        File.WriteAllText(files.Config, """{"Estream":{"Htp":{},"Maps":{"m":{"Queue":"q","Schema":"IoTTelemetry","Key":"device_id"}}}}""");

        using HostProcess host = files.Start();
        ProcessResult end = host.Process.WaitForExit();

        Assert.Equal((2, ""), (end.ExitCode, end.Output));
        Assert.Contains("Estream:Htp is not a known key. Did you mean \"Http\"?", end.Error, StringComparison.Ordinal);
        Assert.Contains("Estream:Maps:m:Queue names the queue \"q\"", end.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", end.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(files.Data));
    }

    [Theory]
    [InlineData(true, "ESTREAM_HTTP_PORT")]
    [InlineData(false, "Adapter 'devices' cannot listen")]
    public void A_used_port_is_reported_as_one_error(bool isHttp, string hint)
    {
        using HostFiles files = new();
        using TcpListener other = new(IPAddress.Loopback, 0);
        other.Start();
        int port = ((IPEndPoint)other.LocalEndpoint).Port;

        using HostProcess host = isHttp ? files.Start(httpPort: port) : files.Start(mqttPort: port);
        ProcessResult end = host.Process.WaitForExit();

        Assert.Equal(2, end.ExitCode);
        string message = Assert.Single(end.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains($"{port}", message, StringComparison.Ordinal);
        Assert.Contains(hint, message, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at ", end.Output + end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_host_of_a_data_folder_names_the_process_of_the_first()
    {
        using HostFiles files = new();
        using HostProcess first = files.Start().WaitUntilReady();

        using HostProcess second = files.Start();
        ProcessResult end = second.Process.WaitForExit();

        Assert.Equal(2, end.ExitCode);
        string message = Assert.Single(end.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith($"Process {first.Process.Id} already uses '{files.Data}/", message, StringComparison.Ordinal);
        Assert.Contains("If that process is a host, stop it, or set ESTREAM_DATA to another folder.", message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_of_another_machine_is_reported_as_one_error()
    {
        using HostFiles files = new();
        File.WriteAllText(files.Config, """{"Estream":{"Http":{"Address":"192.0.2.1","AllowPlaintext":true,"TokenEnv":"CONSOLE_TOKEN"}}}""");

        using HostProcess host = HostProcess.Start(
            files.Data, configFile: files.Config, environment: new Dictionary<string, string?> { ["CONSOLE_TOKEN"] = "0123456789abcdef" });
        ProcessResult end = host.Process.WaitForExit();

        Assert.Equal(2, end.ExitCode);
        string message = Assert.Single(end.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains($"192.0.2.1:{host.HttpPort}", message, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", end.Output + end.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_host_that_replicates_without_a_key_warns_once(bool hasKey)
    {
        using HostFiles files = new();
        string key = files.Data + ".key";
        SecretFiles.Write(key, new string('a', 64));
        string setting = hasKey ? $"\"KeyFile\": \"{key}\"," : "";
        File.WriteAllText(files.Config, $$"""
            {
              "Estream": {
                "Queues": { "q": {} },
                "Replication": { "Cluster": "c", "Brokers": ["127.0.0.1:{{FreePort.Next()}}"], {{setting}} "Publish": ["q"] }
              }
            }
            """);

        using HostProcess host = files.Start();
        Eventually.True(() => host.Process.Output.Contains("Ready:", StringComparison.Ordinal), "the host is ready");
        string[] warnings = [.. host.Stop().Output.Split('\n')
            .Where(line => line.Contains("Replication is not encrypted", StringComparison.Ordinal))];
        Assert.Equal(hasKey ? 0 : 1, warnings.Length);
    }

    [Fact]
    public void A_host_on_a_public_address_requires_a_token()
    {
        using HostFiles files = new();
        File.WriteAllText(files.Config, """{"Estream":{"Http":{"Address":"0.0.0.0"}}}""");

        using HostProcess host = files.Start();
        ProcessResult end = host.Process.WaitForExit();

        Assert.Equal((2, ""), (end.ExitCode, end.Output));
        Assert.Contains("Estream:Http:TokenFile", end.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(files.Data));
    }

    [Fact]
    public async Task On_a_public_address_the_token_is_accepted_for_every_host_name()
    {
        const string Token = "0123456789abcdef";
        using HostFiles files = new();
        File.WriteAllText(files.Config, """{"Estream":{"Http":{"Address":"0.0.0.0","AllowPlaintext":true,"TokenEnv":"CONSOLE_TOKEN"}}}""");
        using HostProcess host = HostProcess.Start(
            files.Data, configFile: files.Config, environment: new Dictionary<string, string?> { ["CONSOLE_TOKEN"] = Token })
                .WaitUntilReady();
        using HttpClient client = new() { BaseAddress = new Uri(host.Address) };
        client.DefaultRequestHeaders.Host = "estream.example";

        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/overview")).StatusCode);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/overview")).StatusCode);
    }

    [Fact]
    public void The_log_has_a_machine_format_and_a_readable_format()
    {
        using HostFiles files = new();
        using HostProcess programs = files.Start().WaitUntilReady();
        ProcessResult json = programs.Stop();
        using HostProcess people = HostProcess.Start(
            files.Data, configFile: files.Config,
            environment: new Dictionary<string, string?> { ["Logging__Console__FormatterName"] = "simple" });
        ProcessResult simple = people.WaitUntilReady().Stop();

        Assert.All(json.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            line => Assert.StartsWith("{\"Timestamp\":", line, StringComparison.Ordinal));
        Assert.Contains("Z info: Estream.Host[2] Ready: 2 queues, 1 maps, 1 adapters.", simple.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_log_is_readable_on_a_terminal()
    {
        using HostFiles files = new();
        using ChildProcess terminal = ChildProcess.Start(
            "script", ["-qec", $"exec dotnet '{BuiltProgram.Host}' --config '{files.Config}'", "/dev/null"],
            environment: new Dictionary<string, string?>
            {
                ["ESTREAM_DATA"] = files.Data, ["ESTREAM_HTTP_PORT"] = "0", ["ESTREAM_MQTT_PORT"] = "0",
            });
        terminal.WaitForText("Estream.Host[2] Ready: 2 queues, 1 maps, 1 adapters.");
        terminal.Signal("TERM");
        terminal.WaitForExit();
    }

    [Fact]
    public void Check_reports_whether_a_configuration_is_valid_and_starts_nothing()
    {
        using HostFiles files = new();

        ProcessResult good = ChildProcess.Run("dotnet", [BuiltProgram.Host, "--check", "--config", files.Config]);
        ProcessResult help = ChildProcess.Run("dotnet", [BuiltProgram.Host, "--help"]);
        ProcessResult unknown = ChildProcess.Run("dotnet", [BuiltProgram.Host, "--verbose"]);

        Assert.Equal((0, $"{files.Config} is a valid configuration.\n"), (good.ExitCode, good.Output));
        Assert.Equal(0, help.ExitCode);
        Assert.Contains("--config FILE", help.Output, StringComparison.Ordinal);
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("\"--verbose\" is not an argument", unknown.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(files.Data));
    }

    [Fact]
    public void The_shipped_configuration_works_unchanged()
    {
        using TempDirectory directory = new();
        using HostProcess host = HostProcess.Start(directory.Combine("data")).WaitUntilReady();

        Assert.Contains("\"name\":\"devices\",\"type\":\"mqtt-endpoint\",\"state\":\"healthy\"", host.Get("/health"),
            StringComparison.Ordinal);
        Assert.Contains("<title>", host.Get("/"), StringComparison.Ordinal);
        Assert.Equal(["queues/dead-letters", "queues/sys", "queues/telemetry"],
            Directory.GetDirectories(directory.Combine("data", "queues")).Order().Select(d => $"queues/{Path.GetFileName(d)}"));
    }
}

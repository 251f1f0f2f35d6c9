using System.Text.Json;
using System.Text.RegularExpressions;
using Estream.Testing;

namespace Estream.Cli.Tests.Scripts;

/// <summary>The README names the same ports as the script, the shipped configuration and the feed.</summary>
public sealed class DefaultPortsTests
{
    private const int Http = 5080;
    private const int Mqtt = 1883;

    [Theory]
    [InlineData("ESTREAM_HTTP_PORT", Http)]
    [InlineData("ESTREAM_MQTT_PORT", Mqtt)]
    public void The_script_uses_the_default_ports(string variable, int port)
    {
        Match found = Regex.Match(File.ReadAllText(RepositoryRoot.Combine("run.sh")), $@"{variable}=\$\{{{variable}:-([0-9]+)\}}");
        Assert.Equal($"{port}", found.Groups[1].Value);
    }

    [Fact]
    public void The_shipped_configuration_uses_the_default_ports()
    {
        string folder = Path.GetDirectoryName(BuiltProgram.Host)!;
        using JsonDocument configuration = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "appsettings.json")));
        JsonElement estream = configuration.RootElement.GetProperty("Estream");
        JsonElement http = estream.GetProperty("Http");
        JsonElement endpoint = estream.GetProperty("Adapters").GetProperty("devices");
        Assert.Equal(("127.0.0.1", Http), (http.GetProperty("Address").GetString(), http.GetProperty("Port").GetInt32()));
        Assert.Equal(("127.0.0.1", Mqtt), (endpoint.GetProperty("Address").GetString(), endpoint.GetProperty("Port").GetInt32()));
    }

    [Fact]
    public void The_feed_uses_the_default_ports()
    {
        Dictionary<string, string?> environment = new() { ["ESTREAM_MQTT_PORT"] = null };
        ProcessResult help = ChildProcess.Run("dotnet", [BuiltProgram.Cli, "feed", "--help"], environment: environment).EnsureSuccess();
        Assert.Matches($@"--port <N> .*\[default: {Mqtt}\]", Regex.Replace(help.Output, @"\s+", " "));
    }
}

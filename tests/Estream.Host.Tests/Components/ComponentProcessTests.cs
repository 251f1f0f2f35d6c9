using System.Text;
using Estream.Host.Tests.Process;
using Estream.Testing;

namespace Estream.Host.Tests.Components;

/// <summary>Goal: the shipped host runs a component that its configuration names, and updates it on request.</summary>
[Collection(ProcessCollection.Name)]
public sealed class ComponentProcessTests : IDisposable
{
    private readonly ComponentCase _case = new();

    public void Dispose() => _case.Dispose();

    [Fact]
    public async Task A_configured_component_runs_and_a_request_updates_it()
    {
        _case.Install("1.0.0", LineFileVersion.Compile());
        using HostProcess host = HostProcess.Start(_case.Data, configFile: Configure()).WaitUntilReady();
        _case.Append(0, 10);
        Eventually.True(() => _case.Sent().Count == 10, "the first version stores and sends");
        string before = host.Get("/api/adapters/lines/component");
        _case.Install("2.0.0", LineFileVersion.Compile(("Metric = \"line\"", "Metric = \"line.2\"")));

        using HttpClient http = new();
        using HttpResponseMessage answer = await http.PutAsync(new Uri($"{host.Address}/api/adapters/lines/component"), null);
        _case.Append(10, 20);
        Eventually.True(() => _case.Sent().Count == 20, "the second version stores and sends");
        using HttpResponseMessage unknown = await http.PutAsync(new Uri($"{host.Address}/api/adapters/line/component"), null);
        string after = host.Get("/api/adapters/lines/component");
        ProcessResult end = host.Stop();

        Assert.Contains("\"version\":\"1.0.0\"", before, StringComparison.Ordinal);
        Assert.Contains("\"status\":\"updated\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(404, (int)unknown.StatusCode);
        Assert.Contains("\"version\":\"2.0.0\"", after, StringComparison.Ordinal);
        Assert.Equal(0, end.ExitCode);
        Assert.Equal([.. Enumerable.Repeat("line", 10), .. Enumerable.Repeat("line.2", 10)],
            _case.Stored().Select(message => message.Metric));
    }

    [Fact]
    public void Checking_the_configuration_also_checks_the_component()
    {
        _case.Install("1.0.0", LineFileVersion.Compile());
        string config = Configure("\"Folder\":\"x\",");

        ProcessResult check = ChildProcess.Run("dotnet", [BuiltProgram.Host, "--config", config, "--check"]);

        Assert.Equal(1, check.ExitCode);
        Assert.Contains("Estream:Adapters:lines:Folder", check.Error, StringComparison.Ordinal);
        Assert.Contains("accepted here: ", check.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_case.Data));
    }

    private string Configure(string more = "")
    {
        StringBuilder settings = new();
        foreach ((string key, string? value) in _case.Settings().Where(setting => !setting.Key.Contains(':', StringComparison.Ordinal)))
        {
            settings.Append($"\"{key}\":\"{value}\",");
        }

        string file = _case.Path("estream.json");
        File.WriteAllText(file, $$$$$"""
            {"Estream":{"Http":{"LoopbackRole":"developer"},"Queues":{"telemetry":{}},"Components":{"Workspace":"{{{{{_case.Workspace}}}}}","Cache":"{{{{{_case.Cache}}}}}"},
             "Adapters":{"lines":{"Component":"@samples/line-file",{{{{{settings}}}}}{{{{{more}}}}}
              "Mappings":[{"Topic":"lines/{device_id}","Schema":"IoTTelemetry","Queue":"telemetry"}],"Egress":[{"Queue":"telemetry","Schema":"IoTTelemetry"}]}}}}
            """);
        return file;
    }
}

using System.Diagnostics;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Product;

/// <summary>Runs the host as <c>dotnet Estream.Host.dll --config FILE</c> does.</summary>
internal sealed class ConfiguredHost : IDisposable
{
    private readonly ChildProcess _host;

    /// <param name="directory">An empty directory for configuration and data.</param>
    /// <param name="sections">The sections of the configuration besides <c>Http</c>, as members of a JSON object.</param>
    /// <param name="port">The port that the host opens last; 0 to wait for its HTTP port.</param>
    public ConfiguredHost(string directory, string sections, int port = 0)
    {
        int http = LoopbackPort.Next();
        Address = new Uri($"http://127.0.0.1:{http}/");
        string file = Path.Combine(directory, "host.json");
        File.WriteAllText(file, $$"""
            { "Logging": { "LogLevel": { "Default": "Warning" } },
              "Estream": { "Http": { "Address": "127.0.0.1", "Port": {{http}}, "LoopbackRole": "operator" }, {{sections}} } }
            """);
        var start = new ProcessStartInfo("dotnet", [BuiltProgram.Find("Estream.Host", "Estream.Host.dll"), "--config", file])
        {
            Environment = { ["ESTREAM_DATA"] = Path.Combine(directory, "data") },
        };
        _host = new ChildProcess(SelfProcess.Start(start), "the host");
        LoopbackPort.WaitUntilListening(port == 0 ? http : port, "the host");
    }

    public int ProcessId => _host.Id;

    /// <summary>The address of its console.</summary>
    public Uri Address { get; }

    public void Dispose()
    {
        // The host ignores the end of its input.
        _host.Kill();
        _host.Dispose();
    }
}

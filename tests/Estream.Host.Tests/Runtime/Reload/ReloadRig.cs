using System.Text.Json.Nodes;
using Estream.Client;
using Estream.Core;
using Estream.Crypto;
using Estream.Host.Configuration;
using Estream.Host.Http;
using Estream.Host.Runtime;
using Estream.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Estream.Host.Tests.Runtime.Reload;

/// <summary>A host in this process with a configuration file that a test changes.</summary>
internal sealed class ReloadRig : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly string _file;
    private readonly LoadedConfiguration _configuration;
    private readonly WebApplication _app;

    private ReloadRig(JsonObject estream)
    {
        _file = _directory.Combine("estream.json");
        estream[nameof(Data)] = _directory.Combine("data");
        estream["Http"] = new JsonObject { ["Port"] = 0, ["LoopbackRole"] = "admin" };
        Settings = estream;
        Write();
        _configuration = LoadedConfiguration.Load(_file, static _ => null);
        _app = HostApplication.Build(_configuration, static _ => null);
    }

    /// <summary>The section Estream of the file.</summary>
    public JsonObject Settings { get; }

    public IHostView View => _app.Services.GetRequiredService<IHostView>();

    public HostComponents Parts => _app.Services.GetRequiredService<HostState>().Parts!;

    public string Data => _directory.Combine("data");

    public IServiceProvider Services => _app.Services;

    public HttpClient Client => new() { BaseAddress = new Uri(_app.Urls.First()) };

    /// <summary>Starts a host with a queue <c>telemetry</c> and an MQTT endpoint <c>devices</c> that fills it.</summary>
    /// <param name="port">The port of the endpoint.</param>
    /// <param name="with">Changes the settings before the start.</param>
    public static async Task<ReloadRig> StartAsync(int port, Action<JsonObject>? with = null)
    {
        JsonObject estream = new()
        {
            ["Queues"] = new JsonObject { ["telemetry"] = new JsonObject { ["SegmentBytes"] = 65_536, ["RetainedAge"] = "90d" } },
            ["Adapters"] = new JsonObject { ["devices"] = Endpoint(port, "telemetry") },
        };
        with?.Invoke(estream);
        ReloadRig rig = new(estream);
        await rig._app.StartAsync();
        Eventually.True(() => rig.View.Health.Status == "ready", "the host is ready");
        return rig;
    }

    /// <summary>An MQTT endpoint that stores the telemetry of devices in a queue.</summary>
    public static JsonObject Endpoint(int port, string queue) => new()
    {
        ["Type"] = "mqtt-endpoint",
        ["Port"] = port,
        ["Mappings"] = new JsonArray(new JsonObject
        {
            ["Topic"] = "devices/{device_id}/telemetry", ["Schema"] = "IoTTelemetry", ["Queue"] = queue,
        }),
    };

    /// <summary>Writes the keys of an encrypted queue with a witness, and returns its settings. The public key of the witness is
    /// <c>witness.key.pub</c> in the data folder.</summary>
    public JsonObject ProtectedQueue()
    {
        string key = Path.Combine(Data, "witness.key"), master = Path.Combine(Data, "master.key");
        using MlDsa87PrivateKey signer = MlDsa87PrivateKey.Generate();
        signer.Save(key);
        signer.PublicKey.Save(key + ".pub");
        SecretFiles.Write(master, $"first {string.Concat(Enumerable.Repeat("ab", QueueKeyRing.KeyBytes))}\n");
        return new JsonObject { ["KeyFile"] = master, ["Witness"] = new JsonObject { ["KeyFile"] = key } };
    }

    /// <summary>Changes the settings in the file.</summary>
    public void Change(Action<JsonObject> change)
    {
        change(Settings);
        Write();
    }

    /// <summary>Replaces the text of the file.</summary>
    public void Replace(string text) => File.WriteAllText(_file, text);

    /// <summary>Connects a client to the Unix socket of the host.</summary>
    /// <param name="token">An access token; null for the rights of the user of the host.</param>
    public Task<EstreamClient> ConnectAsync(string? token = null) => EstreamClient.ConnectAsync(
        new Uri($"unix:{_directory.Combine("data", "run", "client.sock")}"), new EstreamClientOptions { Token = token });

    public Task<ReloadReport> ReloadAsync(bool isDryRun = false) =>
        _app.Services.GetRequiredService<HostReload>().RunAsync(isDryRun, CancellationToken.None);

    /// <summary>The running adapter of a name.</summary>
    public AdapterRuntime Adapter(string name) => Parts.Adapters.Single(adapter => adapter.Name == name);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _configuration.Dispose();
        _directory.Dispose();
    }

    private void Write() => File.WriteAllText(_file, new JsonObject { ["Estream"] = Settings.DeepClone() }.ToJsonString());
}

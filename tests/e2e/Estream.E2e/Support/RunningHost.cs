using System.Globalization;
using System.Net;
using Estream.Testing;

namespace Estream.E2e;

/// <summary>A real host process on free loopback ports, with its own data directory.</summary>
internal sealed class RunningHost : IDisposable
{
    private static readonly HttpClient s_http = new();

    private const string ConfigName = "estream.json";

    private readonly TempDirectory _data = new();
    private readonly string[] _arguments;
    private readonly bool _isHealthy;
    private ChildProcess _process;

    /// <summary>Starts a host with the shipped configuration.</summary>
    public RunningHost()
        : this(_ => null)
    {
    }

    /// <summary>Starts a host with a given configuration.</summary>
    /// <param name="configure">Receives a folder of the host, where it may write files, and returns the text of the configuration; null for
    /// the shipped configuration.</param>
    /// <param name="isHealthy">Whether all parts of the host become healthy.</param>
    public RunningHost(Func<string, string?> configure, bool isHealthy = true)
    {
        _isHealthy = isHealthy;
        if (configure(_data.Path) is { } config)
        {
            File.WriteAllText(_data.Combine(ConfigName), config);
            _arguments = ["--config", _data.Combine(ConfigName)];
        }
        else
        {
            _arguments = [];
        }

        _process = Start();
    }

    public int HttpPort { get; } = FreePort.Next();

    public int MqttPort { get; } = FreePort.Next();

    public Uri Address => new($"http://127.0.0.1:{HttpPort}/");

    /// <summary>Kills the host, as the kernel's out-of-memory killer would.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Starts the host again on the same ports and data, and waits until it is ready.</summary>
    public void Restart()
    {
        _process.Dispose();
        _process = Start();
    }

    public async Task<string> GetAsync(string path) => await s_http.GetStringAsync(new Uri(Address, path));

    /// <summary>Publishes one message with Eclipse mosquitto's client and returns when the host has acknowledged it.</summary>
    public void Publish(string topic, string payload)
    {
        ChildProcess.Run(
            Peer.Require("mosquitto_pub", "mosquitto-clients"),
            ["-h", "127.0.0.1", "-p", MqttPort.ToString(CultureInfo.InvariantCulture), "-V", "5", "-q", "1", "-t", topic, "-m", payload])
            .EnsureSuccess();
    }

    public void Dispose()
    {
        _process.Dispose();
        _data.Dispose();
    }

    private ChildProcess Start()
    {
        ChildProcess process = ChildProcess.StartDotnet(
            BuiltProgram.Host,
            _arguments,
            // The working directory is not the project's folder: the host must find the page from any directory.
            workingDirectory: _data.Path,
            environment: new Dictionary<string, string?>
            {
                ["ESTREAM_HTTP_PORT"] = HttpPort.ToString(CultureInfo.InvariantCulture),
                ["ESTREAM_MQTT_PORT"] = MqttPort.ToString(CultureInfo.InvariantCulture),
                ["ESTREAM_DATA"] = _data.Combine("data"),
            });
        try
        {
            Eventually.True(() => IsReady(process), "the host is ready");
        }
        catch (Exception failure)
        {
            string said = $"{process.Output}\n{process.Error}";
            process.Dispose();
            throw new InvalidOperationException($"The host did not start: {failure.Message}\n{said}", failure);
        }

        return process;
    }

    private bool IsReady(ChildProcess process)
    {
        if (process.HasExited)
        {
            throw new InvalidOperationException("the host ended by itself");
        }

        try
        {
            using HttpResponseMessage answer = s_http.Send(new HttpRequestMessage(HttpMethod.Get, new Uri(Address, "health")));
            return answer.StatusCode == HttpStatusCode.OK
                || (!_isHealthy && new StreamReader(answer.Content.ReadAsStream()).ReadToEnd()
                    .Contains("degraded", StringComparison.Ordinal));
        }
        catch (HttpRequestException)
        {
            return false; // Not listening yet.
        }
    }
}

using System.Net;
using System.Net.Http.Headers;

namespace Estream.Testing;

/// <summary>Runs the host as a separate process, on free ports and with a data directory that the test chooses.</summary>
public sealed class HostProcess : IDisposable
{
    private const int MostTries = 10;

    // A host that does not answer is asked again.
    private static readonly HttpClient s_health = new() { Timeout = TimeSpan.FromSeconds(10) };
    private static readonly HttpClient s_pages = new() { Timeout = ChildProcess.DefaultLimit };

    private readonly ChildProcess _process;

    private HostProcess(ChildProcess process, int httpPort, int mqttPort)
    {
        _process = process;
        HttpPort = httpPort;
        MqttPort = mqttPort;
    }

    /// <summary>The port of console and REST.</summary>
    public int HttpPort { get; }

    /// <summary>The port of the MQTT endpoint.</summary>
    public int MqttPort { get; }

    /// <summary>The base of all addresses, without a trailing slash.</summary>
    public string Address => $"http://127.0.0.1:{HttpPort}";

    /// <summary>The process itself, for signals and for what it printed.</summary>
    public ChildProcess Process => _process;

    /// <summary>Starts the host; returns at once, see <see cref="WaitUntilReady"/>.</summary>
    /// <param name="data">The data directory.</param>
    /// <param name="httpPort">The HTTP port; 0 for a free port.</param>
    /// <param name="mqttPort">The MQTT port; 0 for a free port.</param>
    /// <param name="configFile">The configuration file; the shipped configuration if null.</param>
    /// <param name="environment">Additional environment variables.</param>
    public static HostProcess Start(
        string data,
        int httpPort = 0,
        int mqttPort = 0,
        string? configFile = null,
        IReadOnlyDictionary<string, string?>? environment = null)
    {
        httpPort = httpPort == 0 ? FreePort.Next() : httpPort;
        mqttPort = mqttPort == 0 ? FreePort.Next() : mqttPort;
        Dictionary<string, string?> variables = new(environment ?? new Dictionary<string, string?>())
        {
            ["ESTREAM_DATA"] = data,
            ["ESTREAM_HTTP_PORT"] = $"{httpPort}",
            ["ESTREAM_MQTT_PORT"] = $"{mqttPort}",
        };
        string[] arguments = configFile is null ? [] : ["--config", configFile];

        // If the tests run in the background of a shell, child processes would inherit an ignored SIGINT.
        string[] command = ["--default-signal=INT", "dotnet", BuiltProgram.Host, .. arguments];
        return new HostProcess(ChildProcess.Start("env", command, environment: variables), httpPort, mqttPort);
    }

    /// <summary>Waits until <c>/health</c> answers 200.</summary>
    /// <exception cref="InvalidOperationException">The process ended; the message contains its output.</exception>
    public HostProcess WaitUntilReady()
    {
        try
        {
            Eventually.True(
                () => _process.HasExited
                    ? throw new InvalidOperationException($"The host ended before it was ready.\n{_process.Output}\n{_process.Error}")
                    : Health() == HttpStatusCode.OK,
                $"the host on {Address} is ready", ChildProcess.DefaultLimit);
            return this;
        }
        catch (TimeoutException late)
        {
            string said = $"Last health response: {HealthText}\n{_process.Output}\n{_process.Error}";
            Dispose();
            throw new TimeoutException($"{late.Message} {said}", late);
        }
        catch
        {
            // No caller owns the process yet, so without this call it would outlive the tests.
            Dispose();
            throw;
        }
    }

    /// <summary>The body of the last response to <see cref="Health"/>.</summary>
    public string HealthText { get; private set; } = "";

    /// <summary>Requests <c>/health</c>.</summary>
    /// <returns>The status; null when the host does not respond.</returns>
    public HttpStatusCode? Health()
    {
        try
        {
            using HttpRequestMessage request = new(HttpMethod.Get, $"{Address}/health");
            using HttpResponseMessage answer = s_health.Send(request);
            using StreamReader reader = new(answer.Content.ReadAsStream());
            HealthText = reader.ReadToEnd();
            return answer.StatusCode;
        }
        // A timeout while the body is read disposes the response.
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or ObjectDisposedException)
        {
            return null;
        }
    }

    /// <summary>Waits until <c>/health</c> reports that the host is degraded.</summary>
    /// <returns>The body of that response.</returns>
    public string WaitUntilDegraded()
    {
        Eventually.True(
            () => Health() == HttpStatusCode.ServiceUnavailable && HealthText.Contains("\"status\":\"degraded\"", StringComparison.Ordinal),
            $"the host on {Address} is degraded");
        return HealthText;
    }

    /// <summary>Returns the body of a page of the host. If the host asks the caller to slow down, the request is repeated after the
    /// requested delay.</summary>
    /// <param name="path">The path of the page.</param>
    /// <param name="token">The access token; null for none.</param>
    /// <exception cref="HttpRequestException">The status is not a success status.</exception>
    public string Get(string path, string? token = null)
    {
        for (int tries = 0; ; tries++)
        {
            using HttpRequestMessage request = new(HttpMethod.Get, Address + path);
            request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
            using HttpResponseMessage answer = s_pages.Send(request);
            if (tries < MostTries && answer.StatusCode == HttpStatusCode.TooManyRequests
                && answer.Headers.RetryAfter?.Delta is TimeSpan wait)
            {
                Thread.Sleep(wait);
                continue;
            }

            using StreamReader reader = new(answer.EnsureSuccessStatusCode().Content.ReadAsStream());
            return reader.ReadToEnd();
        }
    }

    /// <summary>Asks the host to stop, as a service manager would, and waits until it exits.</summary>
    public ProcessResult Stop()
    {
        _process.Signal("TERM");
        return _process.WaitForExit();
    }

    /// <summary>Sends SIGKILL to the host; returns when the process is gone.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Kills the host if it still runs.</summary>
    public void Dispose() => _process.Dispose();
}

/// <summary>The exit code and the output of a process that has ended.</summary>
/// <param name="ExitCode">0 by convention for success; 128 + n for signal n.</param>
/// <param name="Output">Standard output, lines joined by a line feed.</param>
/// <param name="Error">Standard error, lines joined by a line feed.</param>
public sealed record ProcessResult(int ExitCode, string Output, string Error)
{
    /// <summary>Returns this result if the exit code is zero.</summary>
    /// <exception cref="InvalidOperationException">The exit code is not zero; the message contains both outputs.</exception>
    public ProcessResult EnsureSuccess()
    {
        return ExitCode == 0
            ? this
            : throw new InvalidOperationException($"Exit code {ExitCode}.\n--- output\n{Output}\n--- error\n{Error}");
    }
}

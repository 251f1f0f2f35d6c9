using System.Diagnostics;
using System.Globalization;
using Estream.Queue;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Product;

/// <summary>
/// Runs the host as `./run.sh --no-demo` does, with its default configuration: an MQTT endpoint, a queue, a map that folds it, and the
/// console.
/// </summary>
internal sealed class HostProcess : IMqttServer
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    private readonly ChildProcess _host;
    private readonly EstreamQueue _queue;
    private long _expected;

    public HostProcess(string directory)
    {
        Port = LoopbackPort.Next();
        var start = new ProcessStartInfo("dotnet", [BuiltProgram.Find("Estream.Host", "Estream.Host.dll")])
        {
            Environment =
            {
                ["ESTREAM_DATA"] = directory,
                ["ESTREAM_MQTT_PORT"] = Port.ToString(CultureInfo.InvariantCulture),
                ["ESTREAM_HTTP_PORT"] = LoopbackPort.Next().ToString(CultureInfo.InvariantCulture),
                ["Logging__LogLevel__Default"] = "Warning",
            },
        };
        _host = new ChildProcess(SelfProcess.Start(start), "the host");
        LoopbackPort.WaitUntilListening(Port, "the host");
        _queue = EstreamQueue.OpenReadOnly(Path.Combine(directory, "queues", "telemetry"));
    }

    public int Port { get; }

    public int ProcessId => _host.Id;

    public void Await(long messages)
    {
        _expected += messages;
        long start = Stopwatch.GetTimestamp();
        while (Stored() < _expected)
        {
            if (Stopwatch.GetElapsedTime(start) > s_limit)
            {
                throw new ScenarioException($"the host did not store {messages} messages in {s_limit.TotalSeconds:0} s");
            }

            Thread.Sleep(10);
        }
    }

    public void RequireWhole()
    {
        if (Stored() != _expected)
        {
            throw new ScenarioException($"the host stored {Stored()} messages instead of {_expected}");
        }
    }

    public void Dispose()
    {
        _queue.Dispose();

        // The host ignores the end of its input.
        _host.Kill();
        _host.Dispose();
    }

    private long Stored() => _queue.GetInfo().MessageCount;
}

using System.Diagnostics;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Peers;

/// <summary>
/// Runs mosquitto with this process as its only subscriber: a message counts when the subscriber receives it. The broker may queue without
/// a limit, so that it drops none. With persistence, the subscriber is absent while messages arrive, so the broker must keep them: it
/// acknowledges a message before it writes the message to its database, each second.
/// </summary>
internal sealed class MosquittoServer : IMqttServer
{
    private readonly ChildProcess _broker;
    private readonly MqttCounter? _counter;
    private readonly MqttKeptSession? _kept;

    public MosquittoServer(string directory, bool isPersistent = false)
    {
        Port = LoopbackPort.Next();
        string file = Path.Combine(directory, "mosquitto.conf");
        string persistence = isPersistent
            ? $"persistence true\npersistence_location {directory}/\nautosave_interval 1\nmax_inflight_messages 0\n"
            : "";
        File.WriteAllText(
            file,
            $"listener {Port} 127.0.0.1\nuser root\nallow_anonymous true\nmax_queued_messages 0\nlog_type error\n{persistence}");
        var start = new ProcessStartInfo(Installed
            ?? throw new ScenarioException("mosquitto is not installed: apt-get install -y mosquitto"), ["-c", file]);
        _broker = new ChildProcess(SelfProcess.Start(start), "the mosquitto process of mqtt-ingest");
        LoopbackPort.WaitUntilListening(Port, "mosquitto");
        (_counter, _kept) = isPersistent ? ((MqttCounter?)null, new MqttKeptSession(Port)) : (new MqttCounter(Port), null);
    }

    /// <summary>Whether mosquitto is installed.</summary>
    public static bool IsInstalled => Installed is not null;

    public int Port { get; }

    public int ProcessId => _broker.Id;

    /// <summary>The path of the program, which Debian installs outside of a user's PATH.</summary>
    private static string? Installed => $"{Environment.GetEnvironmentVariable("PATH")}:/usr/local/sbin:/usr/sbin"
        .Split(Path.PathSeparator).Select(directory => Path.Combine(directory, "mosquitto")).FirstOrDefault(File.Exists);

    public void Await(long messages)
    {
        _counter?.Take(messages);
        _kept?.Take(messages);
    }

    public void RequireWhole()
    {
        // Nothing to check: the measurement waits until each message has reached the subscriber.
    }

    public void Dispose()
    {
        _counter?.Dispose();

        // The broker ignores the end of its input.
        _broker.Kill();
        _broker.Dispose();
    }
}

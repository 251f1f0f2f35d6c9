using System.Diagnostics;
using System.Globalization;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Peers;

/// <summary>The <c>libmosquitto</c> row of `mqtt-client`: the library's client in the C++ program, which publishes to a broker that
/// this contender also starts.</summary>
internal sealed class LibMosquittoContender : IContender
{
    public const string Command = "mosquitto-publish";

    private static readonly TimeSpan s_startLimit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_roundLimit = TimeSpan.FromSeconds(100);

    private readonly int _messages;
    private readonly ChildProcess _broker;
    private readonly ChildProcess _client;

    public LibMosquittoContender(ContenderContext context)
    {
        _messages = MqttClientContender.Messages(context.Size);
        _broker = MqttAnswerer.Start(out int port);
        var start = new ProcessStartInfo(NativePeers.BuiltProgram);
        start.ArgumentList.Add(Command);
        foreach ((string name, int value) in new[] { ("--port", port), ("--messages", _messages),
            ("--window", MqttClientContender.Window) })
        {
            start.ArgumentList.Add(name);
            start.ArgumentList.Add(value.ToString(CultureInfo.InvariantCulture));
        }

        _client = new ChildProcess(SelfProcess.Start(start), "the libmosquitto process of mqtt-client");
        _client.Expect("ready", s_startLimit);
    }

    public RunResult Run()
    {
        _client.Send("run");
        return RunResult.Parse(_client.Receive(s_roundLimit));
    }

    public void Dispose()
    {
        _client.Dispose();
        _broker.Dispose();
    }
}

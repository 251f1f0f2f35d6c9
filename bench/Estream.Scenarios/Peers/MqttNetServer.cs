using System.Globalization;
using System.Net;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Product;
using MQTTnet.Server;

namespace Estream.Scenarios.Peers;

/// <summary>
/// Runs MQTTnet.Server in a child process (<c>--mqttnet-server</c>). This process is its only subscriber: a message counts when the
/// subscriber receives it. The broker queues messages without a limit, so it drops none.
/// </summary>
internal sealed class MqttNetServer : IMqttServer
{
    public const string Role = "--mqttnet-server";

    private static readonly TimeSpan s_startLimit = TimeSpan.FromMinutes(1);

    private readonly ChildProcess _child;
    private readonly MqttCounter _counter;

    public MqttNetServer()
    {
        _child = new ChildProcess(SelfProcess.Start(Role), "the MQTTnet.Server process of mqtt-ingest");
        Port = int.Parse(_child.Receive(s_startLimit)["port ".Length..], CultureInfo.InvariantCulture);
        _counter = new MqttCounter(Port);
    }

    public int Port { get; }

    public int ProcessId => _child.Id;

    public void Await(long messages) => _counter.Take(messages);

    public void RequireWhole()
    {
        // Nothing to check: the measurement waits until each message has reached the subscriber.
    }

    public void Dispose()
    {
        _counter.Dispose();
        _child.Dispose();
    }

    /// <summary>The child side: prints <c>port N</c>, and exits when its input ends.</summary>
    public static int Run(ReadOnlySpan<string> arguments)
    {
        if (arguments.Length != 0)
        {
            throw new ScenarioException($"{Role} is reserved for the harness");
        }

        int port = LoopbackPort.Next();
        using MqttServer server = new MqttServerFactory().CreateMqttServer(new MqttServerOptionsBuilder()
            .WithDefaultEndpoint()
            .WithDefaultEndpointBoundIPAddress(IPAddress.Loopback)
            .WithDefaultEndpointBoundIPV6Address(IPAddress.None)
            .WithDefaultEndpointPort(port)
            .WithMaxPendingMessagesPerClient(int.MaxValue)
            .Build());
        server.StartAsync().GetAwaiter().GetResult();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"port {port}"));
        while (Console.ReadLine() is not null)
        {
        }

        server.StopAsync().GetAwaiter().GetResult();
        return 0;
    }
}

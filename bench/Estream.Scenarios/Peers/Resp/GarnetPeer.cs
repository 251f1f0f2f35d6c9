using System.Globalization;
using Estream.Scenarios.Harness;
using Garnet;

namespace Estream.Scenarios.Peers;

/// <summary>
/// Runs the server of Microsoft.Garnet in memory, in a child process (<c>--garnet PORT</c>). Garnet has no streams, so it has no row in
/// `remote-append`.
/// </summary>
internal sealed class GarnetPeer : IRespServer
{
    public const string Role = "--garnet";

    private readonly ChildProcess _server;

    public GarnetPeer()
    {
        Port = LoopbackPort.Next();
        _server = new ChildProcess(SelfProcess.Start(Role, Port.ToString(CultureInfo.InvariantCulture)), "the Garnet server");
        LoopbackPort.WaitUntilListening(Port, "Garnet");
    }

    public int Port { get; }

    public void Dispose() => _server.Dispose();

    /// <summary>The child side: serves until its input ends.</summary>
    public static int Run(ReadOnlySpan<string> arguments)
    {
        if (arguments.Length != 1)
        {
            throw new ScenarioException($"{Role} is reserved for the harness: PORT");
        }

        using var server = new GarnetServer(["--bind", "127.0.0.1", "--port", arguments[0], "--memory", "256m", "--index", "8m"]);
        server.Start();
        while (Console.ReadLine() is not null)
        {
        }

        return 0;
    }
}

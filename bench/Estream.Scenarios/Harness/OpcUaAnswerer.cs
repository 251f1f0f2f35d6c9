using System.Globalization;
using Estream.Wire.OpcUa;

namespace Estream.Scenarios.Harness;

/// <summary>The server of `opcua-read`, the same for all clients, in a child process (<c>--opcua-answer</c>): the simulator of the product
/// with a few variables. It prints <c>url URL</c>; exits when its input ends.</summary>
internal static class OpcUaAnswerer
{
    public const string Role = "--opcua-answer";

    /// <summary>The number of variables: V0, V1 and so on.</summary>
    public const int Nodes = 10;

    private static readonly TimeSpan s_startLimit = TimeSpan.FromMinutes(1);

    public static ChildProcess Start(out Uri url)
    {
        var child = new ChildProcess(SelfProcess.Start(Role), "the server of opcua-read");
        url = new Uri(child.Receive(s_startLimit)["url ".Length..]);
        return child;
    }

    /// <summary>The child side.</summary>
    public static int Run(ReadOnlySpan<string> arguments)
    {
        if (arguments.Length != 0)
        {
            throw new ScenarioException($"{Role} is reserved for the harness");
        }

        OpcUaSimulator simulator = new();
        for (int node = 0; node < Nodes; node++)
        {
            simulator.AddVariable(string.Create(CultureInfo.InvariantCulture, $"V{node}"), new UaVariant(UaType.Double, (double)node));
        }

        Console.WriteLine($"url {simulator.Url}");
        while (Console.ReadLine() is not null)
        {
        }

        simulator.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return 0;
    }
}

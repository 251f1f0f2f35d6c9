using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Harness;

/// <summary>
/// The sending process of `mqtt-ingest` (<c>--send PORT</c>): connects once, then answers every <c>send N</c> by writing N
/// packets that were encoded beforehand, 64 KiB at a time, and printing <c>sent</c>.
/// </summary>
internal static class MqttSender
{
    public const string Role = "--send";

    private const int WriteBytes = 64 * 1024;
    private const int ConnAckType = 0x20;
    private const int ReasonOffset = 3;

    private static readonly TimeSpan s_startLimit = TimeSpan.FromMinutes(1);

    public static ChildProcess Start(int port)
    {
        var child = new ChildProcess(
            SelfProcess.Start(Role, port.ToString(CultureInfo.InvariantCulture)), "the process that sends MQTT");
        child.Expect("ready", s_startLimit);
        return child;
    }

    /// <summary>The child side.</summary>
    public static int Run(ReadOnlySpan<string> arguments)
    {
        if (arguments.Length != 1)
        {
            throw new ScenarioException($"{Role} is reserved for the harness: PORT");
        }

        int port = int.Parse(arguments[0], CultureInfo.InvariantCulture);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, port);
        OpenSession(socket);
        byte[] block = MqttWorkload.EncodeBlock();
        Console.WriteLine("ready");
        while (Console.ReadLine() is { } command)
        {
            long messages = long.Parse(command["send ".Length..], CultureInfo.InvariantCulture);
            for (long sent = 0; sent < messages; sent += MqttWorkload.BlockMessages)
            {
                Send(socket, block);
            }

            Console.WriteLine("sent");
        }

        socket.Send(MqttWorkload.Disconnect);
        return 0;
    }

    private static void OpenSession(Socket socket)
    {
        socket.Send(MqttWorkload.Connect);
        byte[] answer = new byte[1024];
        int length = socket.Receive(answer);
        if (length <= ReasonOffset || answer[0] != ConnAckType || answer[ReasonOffset] != 0)
        {
            throw new ScenarioException($"the endpoint rejected the connection: {Convert.ToHexString(answer.AsSpan(0, length))}");
        }
    }

    private static void Send(Socket socket, ReadOnlySpan<byte> block)
    {
        while (!block.IsEmpty)
        {
            block = block[socket.Send(block[..Math.Min(WriteBytes, block.Length)])..];
        }
    }
}

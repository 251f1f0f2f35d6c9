using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Estream.Scenarios.Harness;

/// <summary>
/// The device of `modbus-poll`, the same for all clients, in a child process (<c>--modbus-answer</c>): answers reads of holding registers
/// with their addresses. It prints <c>port N</c>; exits when its input ends.
/// </summary>
internal static class ModbusAnswerer
{
    public const string Role = "--modbus-answer";

    private const int HeaderBytes = 7;
    private const int RequestBytes = 12;
    private const int MaxResponseBytes = 260;

    private static readonly TimeSpan s_startLimit = TimeSpan.FromMinutes(1);

    public static ChildProcess Start(out int port)
    {
        var child = new ChildProcess(SelfProcess.Start(Role), "the device of modbus-poll");
        port = int.Parse(child.Receive(s_startLimit)["port ".Length..], CultureInfo.InvariantCulture);
        return child;
    }

    /// <summary>The child side.</summary>
    public static int Run(ReadOnlySpan<string> arguments)
    {
        if (arguments.Length != 0)
        {
            throw new ScenarioException($"{Role} is reserved for the harness");
        }

        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"port {((IPEndPoint)listener.LocalEndPoint!).Port}"));
        new Thread(() => Serve(listener)) { IsBackground = true }.Start();
        while (Console.ReadLine() is not null)
        {
        }

        return 0;
    }

    private static void Serve(Socket listener)
    {
        while (true)
        {
            using Socket connection = listener.Accept();
            connection.NoDelay = true;
            try
            {
                Answer(connection);
            }
            catch (SocketException)
            {
                // The client closed the connection. The device accepts the next client.
            }
        }
    }

    private static void Answer(Socket connection)
    {
        byte[] request = new byte[RequestBytes];
        byte[] response = new byte[MaxResponseBytes];
        while (TryReceive(connection, request))
        {
            ushort first = BinaryPrimitives.ReadUInt16BigEndian(request.AsSpan(8));
            ushort count = BinaryPrimitives.ReadUInt16BigEndian(request.AsSpan(10));
            request.AsSpan(0, HeaderBytes + 1).CopyTo(response);
            BinaryPrimitives.WriteUInt16BigEndian(response.AsSpan(4), (ushort)(3 + (2 * count)));
            response[8] = (byte)(2 * count);
            for (int register = 0; register < count; register++)
            {
                BinaryPrimitives.WriteUInt16BigEndian(response.AsSpan(9 + (2 * register)), (ushort)(first + register));
            }

            connection.Send(response.AsSpan(0, 9 + (2 * count)));
        }
    }

    private static bool TryReceive(Socket connection, byte[] request)
    {
        for (int filled = 0; filled < request.Length;)
        {
            int read = connection.Receive(request.AsSpan(filled));
            if (read == 0)
            {
                return false;
            }

            filled += read;
        }

        return true;
    }
}

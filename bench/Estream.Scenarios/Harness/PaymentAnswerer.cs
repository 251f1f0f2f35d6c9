using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Harness;

/// <summary>
/// The bank of `iso20022-client`, the same for all clients, in a child process (<c>--payment-answer</c>): answers each pacs.008 with a
/// pacs.002 that settles it. It prints <c>port N</c>; exits when its input ends.
/// </summary>
internal static class PaymentAnswerer
{
    public const string Role = "--payment-answer";

    private static readonly TimeSpan s_startLimit = TimeSpan.FromMinutes(1);

    public static ChildProcess Start(out int port)
    {
        var child = new ChildProcess(SelfProcess.Start(Role), "the bank of iso20022-client");
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

    /// <summary>Reads a frame: a length in four bytes, big-endian, and a message.</summary>
    /// <returns>The message, in the buffer; empty at the end of the connection.</returns>
    public static ReadOnlySpan<byte> ReadFrame(Socket socket, byte[] buffer)
    {
        if (!TryFill(socket, buffer.AsSpan(0, sizeof(uint))))
        {
            return default;
        }

        int length = (int)BinaryPrimitives.ReadUInt32BigEndian(buffer);
        Span<byte> message = buffer.AsSpan(sizeof(uint), length);
        return TryFill(socket, message) ? message : default;
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
                // The client closed the connection. The bank accepts the next client.
            }
        }
    }

    private static void Answer(Socket connection)
    {
        byte[] request = new byte[PaymentExchange.MaxBytes];
        byte[] report = PaymentExchange.Frame(PaymentExchange.Report());
        while (ReadFrame(connection, request) is { IsEmpty: false } message)
        {
            PaymentExchange.IdOf(message).CopyTo(PaymentExchange.OriginalIdIn(report));
            connection.Send(report);
        }
    }

    private static bool TryFill(Socket socket, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            int read = socket.Receive(destination);
            if (read == 0)
            {
                return false;
            }

            destination = destination[read..];
        }

        return true;
    }
}

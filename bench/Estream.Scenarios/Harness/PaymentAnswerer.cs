using System.Buffers.Binary;
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

    public static ChildProcess Start(out int port) => SocketAnswerer.Start(Role, "the bank of iso20022-client", out port);

    /// <summary>The child side.</summary>
    public static int Run(ReadOnlySpan<string> arguments) => SocketAnswerer.Run(Role, arguments, Answer);

    /// <summary>Reads a frame: a length in four bytes, big-endian, and a message.</summary>
    /// <returns>The message, in the buffer; empty at the end of the connection.</returns>
    public static ReadOnlySpan<byte> ReadFrame(Socket socket, byte[] buffer)
    {
        if (!SocketAnswerer.TryFill(socket, buffer.AsSpan(0, sizeof(uint))))
        {
            return default;
        }

        int length = (int)BinaryPrimitives.ReadUInt32BigEndian(buffer);
        Span<byte> message = buffer.AsSpan(sizeof(uint), length);
        return SocketAnswerer.TryFill(socket, message) ? message : default;
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
}

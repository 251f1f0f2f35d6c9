using System.Buffers.Binary;
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

    public static ChildProcess Start(out int port) => SocketAnswerer.Start(Role, "the device of modbus-poll", out port);

    /// <summary>The child side.</summary>
    public static int Run(ReadOnlySpan<string> arguments) => SocketAnswerer.Run(Role, arguments, Answer);

    private static void Answer(Socket connection)
    {
        byte[] request = new byte[RequestBytes];
        byte[] response = new byte[MaxResponseBytes];
        while (SocketAnswerer.TryFill(connection, request))
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
}

using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Estream.Testing.Frames;

/// <summary>Frames of a length in four bytes, big-endian, and a message, over plain sockets. Shares no code with the adapters.</summary>
public static class FramePeer
{
    /// <summary>Connects to a port of this machine.</summary>
    public static Socket Connect(int port)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true, ReceiveTimeout = (int)Eventually.DefaultLimit.TotalMilliseconds,
        };
        socket.Connect(IPAddress.Loopback, port);
        return socket;
    }

    /// <summary>Returns a message with its length.</summary>
    public static byte[] Frame(string message)
    {
        byte[] content = Encoding.UTF8.GetBytes(message);
        byte[] frame = new byte[4 + content.Length];
        BinaryPrimitives.WriteUInt32BigEndian(frame, (uint)content.Length);
        content.CopyTo(frame, 4);
        return frame;
    }

    /// <summary>Sends a message and reads one answer.</summary>
    public static string Exchange(Socket socket, string message)
    {
        ArgumentNullException.ThrowIfNull(socket);
        socket.Send(Frame(message));
        return Read(socket) ?? throw new IOException("The connection was closed.");
    }

    /// <summary>Reads a frame; null at the end of the connection.</summary>
    public static string? Read(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        byte[] prefix = new byte[4];
        if (!TryFill(socket, prefix))
        {
            return null;
        }

        byte[] content = new byte[BinaryPrimitives.ReadUInt32BigEndian(prefix)];
        return TryFill(socket, content) ? Encoding.UTF8.GetString(content) : null;
    }

    private static bool TryFill(Socket socket, Span<byte> destination)
    {
        try
        {
            while (!destination.IsEmpty)
            {
                int count = socket.Receive(destination);
                if (count == 0)
                {
                    return false;
                }

                destination = destination[count..];
            }

            return true;
        }
        catch (Exception failure) when (failure is ObjectDisposedException
            or SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.OperationAborted or SocketError.Interrupted })
        {
            return false;
        }
    }
}

using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Estream.Testing;

/// <summary>TCP ports of the loopback interface that nobody listens on, for a port that has to be written down before anybody
/// listens.</summary>
/// <remarks>
/// A port of the kernel's own range is given to the next socket that binds port 0, be it the server of another test: between the moment a
/// port is found free and the one its server listens, and again when that server is gone and its clients still ask. So these lie below
/// that range, in blocks, each of one process as long as it lives.
/// </remarks>
public static class FreePort
{
    private const int First = 10_240;
    private const int BlockPorts = 256;
    private const int KernelFirst = 32_768;
    private const string KernelRange = "/proc/sys/net/ipv4/ip_local_port_range";

    private static readonly Lock s_gate = new();
    private static readonly int s_blocks = (EndOfRange() - First) / BlockPorts;

    // The locks end with the process, however it ends.
    private static readonly List<FileStream> s_taken = [];
    private static int s_next;
    private static int s_end;

    /// <summary>A free port, never the same twice in one process, nor in two that live at the same time.</summary>
    public static int Next()
    {
        lock (s_gate)
        {
            while (true)
            {
                if (s_next == s_end)
                {
                    TakeBlock();
                }

                int port = s_next++;
                if (IsFree(port))
                {
                    return port;
                }
            }
        }
    }

    private static void TakeBlock()
    {
        string locks = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "estream-test-ports")).FullName;
        int start = Random.Shared.Next(s_blocks);
        for (int i = 0; i < s_blocks; i++)
        {
            int block = (start + i) % s_blocks;
            try
            {
                s_taken.Add(
                    new FileStream(Path.Combine(locks, block.ToString(CultureInfo.InvariantCulture)), FileMode.OpenOrCreate,
                        FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException)
            {
                // Another process has it, or this one had it before.
                continue;
            }

            s_next = First + (block * BlockPorts);
            s_end = s_next + BlockPorts;
            return;
        }

        throw new InvalidOperationException($"All {s_blocks} blocks of {BlockPorts} ports are taken: is a process of tests left over?");
    }

    private static bool IsFree(int port)
    {
        try
        {
            using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int EndOfRange()
    {
        int kernel = File.Exists(KernelRange)
            ? int.Parse(File.ReadAllText(KernelRange).Split('\t', ' ')[0], CultureInfo.InvariantCulture)
            : KernelFirst;
        return kernel >= First + (8 * BlockPorts) ? kernel : KernelFirst;
    }
}

using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Estream.Testing;

/// <summary>Finds free TCP ports of the loopback interface, for a port that must be written down before its server listens.</summary>
/// <remarks>
/// The kernel gives a port of its ephemeral range to the next socket that binds port 0, for example the server of another test. This can
/// happen before the intended server listens, or after it has stopped while its clients still connect. Therefore <see cref="Next"/> returns
/// ports below that range. The ports are divided into blocks, and a process owns its blocks as long as it lives.
/// </remarks>
public static class FreePort
{
    private const int First = 10_240;
    private const int BlockPorts = 256;
    private const int KernelFirst = 32_768;
    private const string KernelRange = "/proc/sys/net/ipv4/ip_local_port_range";
    private const string SharedFolder = "/tmp";

    private static readonly Lock s_gate = new();
    private static readonly int s_blocks = (EndOfRange() - First) / BlockPorts;

    // The operating system releases the locks when the process ends, also after a crash.
    private static readonly List<FileStream> s_taken = [];
    private static int s_next;
    private static int s_end;

    /// <summary>Returns a free port. A process never gets the same port twice, and two live processes never get the same port.</summary>
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
        // Not the temporary folder of this process: test projects that run at the same time can have different ones.
        string shared = Directory.Exists(SharedFolder) ? SharedFolder : Path.GetTempPath();
        string locks = Directory.CreateDirectory(Path.Combine(shared, "estream-test-ports")).FullName;
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
                // Another process owns the block, or this process used it before.
                continue;
            }

            s_next = First + (block * BlockPorts);
            s_end = s_next + BlockPorts;
            return;
        }

        throw new InvalidOperationException($"All {s_blocks} blocks of {BlockPorts} ports are in use: end leftover test processes.");
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

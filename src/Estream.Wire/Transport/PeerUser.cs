using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Estream.Wire.Internal;

/// <summary>
/// Asks the kernel whether the process at the other end of a TCP connection on this machine has the user of this process. The address
/// alone does not tell: a proxy or a tunnel of another user also connects from loopback.
/// </summary>
internal static class PeerUser
{
    private const string Established = "01";
    private const int MaxLines = 1 << 20;

    private static readonly string[] s_tables = ["/proc/net/tcp", "/proc/net/tcp6"];

    /// <summary>Whether both ends of an open connection have the same user. Reads the tables of all TCP sockets, so it takes
    /// milliseconds on a machine with thousands of connections: call it once per connection.</summary>
    /// <param name="local">The address of this end.</param>
    /// <param name="remote">The address of the other end.</param>
    /// <returns>False if the tables cannot be read or do not have the connection. True for loopback addresses on systems other than Linux,
    /// which have no such tables.</returns>
    public static bool IsOwn(IPEndPoint local, IPEndPoint remote)
    {
        if (!IPAddress.IsLoopback(local.Address) || !IPAddress.IsLoopback(remote.Address))
        {
            return false;
        }

        return !OperatingSystem.IsLinux() || IsOwnInTables(local, remote);
    }

    private static bool IsOwnInTables(IPEndPoint local, IPEndPoint remote)
    {
        string[] here = TextsOf(local);
        string[] there = TextsOf(remote);
        string? own = null, peer = null;
        try
        {
            foreach (string line in s_tables.Where(File.Exists).SelectMany(table => File.ReadLines(table).Take(MaxLines)))
            {
                // Number, local address, remote address, state, queues, timer, retransmits, user.
                string[] fields = line.Split(' ', 9, StringSplitOptions.RemoveEmptyEntries);
                if (fields.Length < 9 || fields[3] != Established)
                {
                    // A closed socket has user 0 in the table, also if another user opened it.
                    continue;
                }

                own = here.Contains(fields[1]) && there.Contains(fields[2]) ? fields[7] : own;
                peer = there.Contains(fields[1]) && here.Contains(fields[2]) ? fields[7] : peer;
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }

        return own is not null && own == peer;
    }

    // The tables have the words of an address in the byte order of the machine. A socket for both versions has its IPv4 connections in the
    // table of IPv6.
    private static string[] TextsOf(IPEndPoint end)
    {
        IPAddress address = end.Address.IsIPv4MappedToIPv6 ? end.Address.MapToIPv4() : end.Address;
        return address.AddressFamily == AddressFamily.InterNetwork
            ? [TextOf(address, end.Port), TextOf(address.MapToIPv6(), end.Port)]
            : [TextOf(address, end.Port)];
    }

    private static string TextOf(IPAddress address, int port)
    {
        byte[] bytes = address.GetAddressBytes();
        IEnumerable<string> words = bytes.Chunk(sizeof(uint)).Select(word =>
            (BitConverter.IsLittleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(word) : BinaryPrimitives.ReadUInt32BigEndian(word))
                .ToString("X8", CultureInfo.InvariantCulture));
        return string.Create(CultureInfo.InvariantCulture, $"{string.Concat(words)}:{port:X4}");
    }
}

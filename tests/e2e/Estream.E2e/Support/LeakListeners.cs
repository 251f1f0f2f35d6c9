using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Estream.Testing;

namespace Estream.E2e;

/// <summary>Listeners for DNS, TCP and UDP that note what arrives. All names below <c>leak.test</c> have the address 127.0.0.1, and the
/// first label of a name is the way by which it came.</summary>
internal sealed class LeakListeners : IDisposable
{
    private const string Zone = "leak.test";
    private const string Probe = "probe";
    private const string Drained = "drained by probe";

    // Any address of the loopback network; another resolver of this machine has 127.0.0.53.
    private const string ResolverAddress = "127.77.0.53";
    private const int ResolverPort = 53;
    private const int DnsHeader = 12;

    private static readonly byte[] s_answer = Encoding.ASCII.GetBytes(
        "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Type: text/javascript\r\nContent-Length: 0\r\n"
        + "Connection: close\r\n\r\n");

    private readonly TempDirectory _folder = new();
    private readonly UdpClient _dns = new(new IPEndPoint(IPAddress.Parse(ResolverAddress), ResolverPort));
    private readonly UdpClient _udp = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly TcpListener _tcp = new(IPAddress.Loopback, 0);
    private readonly TcpListener _probes = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<string, int> _seen = new();
    private volatile int _drainPort;

    public LeakListeners()
    {
        _tcp.Start();
        _probes.Start();
        File.WriteAllText(_folder.Combine("resolv.conf"), $"nameserver {ResolverAddress}\n");
        // A browser has no flag for its resolver. It reads this file, which only it sees at the usual place.
        Browser = _folder.Combine("chromium");
        string mount = $"mount --make-rprivate / && mount --bind {_folder.Combine("resolv.conf")} /etc/resolv.conf";
        File.WriteAllText(
            Browser, $"#!/bin/sh\nexec unshare -m sh -c '{mount} && exec {Peer.Require("chromium", "chromium")} \"$@\"' sh \"$@\"\n");
        ChildProcess.Run("chmod", ["u+x", Browser]).EnsureSuccess();
        _ = AnswerNamesAsync();
        _ = AcceptAsync(_tcp);
        _ = AcceptAsync(_probes);
        _ = ReceiveAsync();
    }

    /// <summary>A program that starts Chromium with these listeners as its resolver.</summary>
    public string Browser { get; }

    public int TcpPort => ((IPEndPoint)_tcp.LocalEndpoint).Port;

    public int UdpPort => ((IPEndPoint)_udp.Client.LocalEndPoint!).Port;

    /// <summary>What has arrived since the last <see cref="Clear"/>, such as <c>dns image</c>, <c>tcp</c> for a connection,
    /// <c>tcp image</c> for its request, and <c>udp</c>.</summary>
    public string[] Hits => [.. _seen.Keys.Where(hit => !hit.EndsWith(Probe, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    public void Clear() => _seen.Clear();

    /// <summary>The address of a page that counts as no hit.</summary>
    public Uri ProbeAddress => new($"http://{Probe}.{Zone}:{((IPEndPoint)_probes.LocalEndpoint).Port}/{Probe}");

    /// <summary>Returns when each listener has noted what was sent to it before.</summary>
    public async Task DrainAsync()
    {
        using TcpClient tcp = new(new IPEndPoint(IPAddress.Loopback, 0));
        _drainPort = ((IPEndPoint)tcp.Client.LocalEndPoint!).Port;
        await tcp.ConnectAsync(IPAddress.Loopback, TcpPort);
        await _udp.SendAsync(Encoding.ASCII.GetBytes(Probe), new IPEndPoint(IPAddress.Loopback, UdpPort));
        Eventually.True(() => _seen.ContainsKey($"tcp {Drained}") && _seen.ContainsKey($"udp {Probe}"), "the listeners are idle");
        Assert.True(_seen.ContainsKey($"dns {Probe}") && _seen.ContainsKey($"tcp {Probe}"), "the browser has not asked for the probe");
    }

    public void Dispose()
    {
        _dns.Dispose();
        _udp.Dispose();
        _tcp.Dispose();
        _probes.Dispose();
        _folder.Dispose();
    }

    private void Note(string hit) => _seen.AddOrUpdate(hit, 1, (_, count) => count + 1);

    private async Task ReceiveAsync()
    {
        while (await NextAsync(_udp) is { } packet)
        {
            Note(Encoding.ASCII.GetString(packet.Buffer) == Probe ? $"udp {Probe}" : "udp");
        }
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        while (true)
        {
            TcpClient client;
            try
            {
                client = await listener.AcceptTcpClientAsync();
            }
            catch (Exception end) when (end is ObjectDisposedException or SocketException)
            {
                return;
            }

            // A connection without a request is a hit too.
            if (listener == _tcp)
            {
                Note(((IPEndPoint)client.Client.RemoteEndPoint!).Port == _drainPort ? $"tcp {Drained}" : "tcp");
            }

            _ = AnswerAsync(client, isProbe: listener == _probes);
        }
    }

    private async Task AnswerAsync(TcpClient client, bool isProbe)
    {
        using (client)
        {
            try
            {
                byte[] request = new byte[4096];
                int length = await client.GetStream().ReadAsync(request);
                string[] line = Encoding.ASCII.GetString(request, 0, length).Split('\n')[0].Split(' ');
                if (line.Length > 1)
                {
                    // A browser asks for the icon of the probe too.
                    Note($"tcp {(isProbe ? Probe : line[1].TrimStart('/'))}");
                    await client.GetStream().WriteAsync(s_answer);
                }
            }
            catch (IOException)
            {
                // The browser has closed a connection that it does not need.
            }
        }
    }

    private async Task AnswerNamesAsync()
    {
        while (await NextAsync(_dns) is { } packet)
        {
            byte[] query = packet.Buffer;
            List<string> labels = [];
            int at = DnsHeader;
            for (; at < query.Length && query[at] != 0; at += query[at] + 1)
            {
                labels.Add(Encoding.ASCII.GetString(query, at + 1, query[at]));
            }

            bool isLeak = labels.Count > 2 && string.Join('.', labels[^2..]) == Zone;
            if (isLeak)
            {
                Note($"dns {labels[^3].ToLowerInvariant()}");
            }

            bool isAddress = isLeak && BinaryPrimitives.ReadUInt16BigEndian(query.AsSpan(at + 1)) == 1;
            byte[] answer =
            [
                .. query[..2], 0x81, (byte)(isLeak ? 0x80 : 0x83), 0, 1, 0, (byte)(isAddress ? 1 : 0), 0, 0, 0, 0,
                .. query[DnsHeader..(at + 5)],
                .. isAddress ? (byte[])[0xc0, DnsHeader, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 127, 0, 0, 1] : [],
            ];
            await _dns.SendAsync(answer, packet.RemoteEndPoint);
        }
    }

    private static async Task<UdpReceiveResult?> NextAsync(UdpClient socket)
    {
        try
        {
            return await socket.ReceiveAsync();
        }
        catch (Exception end) when (end is ObjectDisposedException or SocketException)
        {
            return null;
        }
    }
}

using System.Net.Sockets;

namespace Estream.Client.Tests.Hosting;

/// <summary>Forwards connections between two Unix sockets, and cuts each after a random number of bytes.</summary>
internal sealed class CuttingProxy : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly string _target;
    private readonly int _cutAfter;
    private readonly Random _random;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Socket> _silenced = [];
    private int _cuts;
    private volatile CancellationTokenSource _forwarding = new();

    /// <param name="target">The socket of the host.</param>
    /// <param name="path">The socket of the proxy.</param>
    /// <param name="cutAfter">The maximum number of bytes of a connection; twice as many on average as are forwarded.</param>
    /// <param name="seed">The seed of the cuts.</param>
    public CuttingProxy(string target, string path, int cutAfter, int seed)
    {
        (_target, _cutAfter, _random) = (target, cutAfter, new Random(seed));
        Address = new Uri($"unix:{path}");
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen();
        _ = AcceptAsync();
    }

    public Uri Address { get; }

    public int Cuts => Volatile.Read(ref _cuts);

    /// <summary>Forwards nothing more over the open connections, without closing them. Later connections work.</summary>
    public void StopForwarding()
    {
        CancellationTokenSource before = _forwarding;
        _forwarding = new CancellationTokenSource();
        before.Cancel();
    }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        lock (_silenced)
        {
            _silenced.ForEach(socket => socket.Dispose());
        }
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            Socket client = await _listener.AcceptAsync(_stop.Token);
            _ = ForwardAsync(client);
        }
    }

    private async Task ForwardAsync(Socket client)
    {
        using Socket host = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        CancellationToken forwarding = _forwarding.Token;
        int left;
        lock (_random)
        {
            left = _random.Next(_cutAfter / 2, _cutAfter);
        }

        try
        {
            await host.ConnectAsync(new UnixDomainSocketEndPoint(_target));
            Budget budget = new(left);
            await Task.WhenAny(CopyAsync(client, host, budget, forwarding), CopyAsync(host, client, budget, forwarding));
            if (forwarding.IsCancellationRequested)
            {
                await HoldAsync(client);
            }
        }
        catch (SocketException)
        {
            // The host is not listening, or one side has closed.
        }

        Interlocked.Increment(ref _cuts);
        client.Dispose();
    }

    /// <summary>Keeps a silent connection open until the proxy ends.</summary>
    private async Task HoldAsync(Socket client)
    {
        lock (_silenced)
        {
            _silenced.Add(client);
        }

        await Task.Delay(Timeout.Infinite, _stop.Token);
    }

    private static async Task CopyAsync(Socket from, Socket to, Budget budget, CancellationToken forwarding)
    {
        byte[] bytes = new byte[16 << 10];
        while (await from.ReceiveAsync(bytes, forwarding) is > 0 and int count)
        {
            int allowed = budget.Take(count);
            int sent = 0;
            while (sent < allowed)
            {
                sent += await to.SendAsync(bytes.AsMemory(sent, allowed - sent), forwarding);
            }

            if (allowed < count)
            {
                return;
            }
        }
    }

    private sealed class Budget(int left)
    {
        private int _left = left;

        public int Take(int count)
        {
            int after = Interlocked.Add(ref _left, -count);
            return after >= 0 ? count : Math.Max(0, count + after);
        }
    }
}

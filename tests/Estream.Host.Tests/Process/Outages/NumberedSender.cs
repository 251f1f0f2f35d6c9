using System.Net;
using System.Net.Sockets;
using Estream.Wire;

namespace Estream.Host.Tests.Process.Outages;

/// <summary>Sends messages with the numbers 0, 1, 2 and so on, each until the host acknowledges it. Connects again after each
/// loss.</summary>
/// <param name="address">The address of the host.</param>
/// <param name="port">The port of the adapter.</param>
internal abstract class NumberedSender(string address, int port) : IFieldPeer
{
    private static readonly TimeSpan s_reconnect = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _stop = new();
    private readonly TcpRelay _relay = new("127.0.0.1", new IPEndPoint(IPAddress.Parse(address), port));
    private Task _run = Task.CompletedTask;
    private int _acknowledged;
    private bool _isStopping;

    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public abstract object Adapter { get; }

    /// <inheritdoc/>
    public int Progress => Volatile.Read(ref _acknowledged);

    public string Address { get; } = address;

    public int Port { get; } = port;

    /// <inheritdoc/>
    public void Start() => _run = Task.Run(RunAsync);

    /// <inheritdoc/>
    public void Kill() => _relay.Kill();

    /// <inheritdoc/>
    public void Restart() => _relay.Restart();

    /// <inheritdoc/>
    public async Task StopAsync()
    {
        Volatile.Write(ref _isStopping, true);
        await _run;
    }

    /// <inheritdoc/>
    public void AssertStored()
    {
        HashSet<int> stored = [.. Stored()];
        int[] lost = [.. Enumerable.Range(0, Progress).Where(number => !stored.Contains(number))];
        Assert.True(lost.Length == 0, $"{Name}: acknowledged and lost: {string.Join(", ", lost.Take(10))}");
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _relay.Dispose();
        _stop.Dispose();
    }

    /// <summary>Connects to the relay on loopback.</summary>
    /// <returns>Sends a message with a number, and returns when it is acknowledged; and closes the connection.</returns>
    protected abstract Task<(Func<int, Task> Send, IAsyncDisposable Connection)> ConnectAsync(
        int relayPort, CancellationToken cancellation);

    /// <summary>The numbers of the stored messages.</summary>
    public abstract IEnumerable<int> Stored();

    private async Task RunAsync()
    {
        while (!Volatile.Read(ref _isStopping) && !_stop.IsCancellationRequested)
        {
            try
            {
                (Func<int, Task> send, IAsyncDisposable connection) = await ConnectAsync(_relay.Port, _stop.Token);
                await using (connection)
                {
                    while (!Volatile.Read(ref _isStopping))
                    {
                        await send(_acknowledged);
                        Volatile.Write(ref _acknowledged, _acknowledged + 1);
                    }
                }
            }
            catch (Exception failure) when (failure is WireConnectionException or IOException or SocketException or HttpRequestException
                or OperationCanceledException)
            {
                await Task.Delay(s_reconnect, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}

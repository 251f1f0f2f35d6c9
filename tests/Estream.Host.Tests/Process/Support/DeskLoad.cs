using System.Globalization;
using Estream.Core;
using Estream.Wire.Fix;

namespace Estream.Host.Tests.Process;

/// <summary>A FIX desk that sends a cancel request every few milliseconds while it is logged on, each with its own number.</summary>
internal sealed class DeskLoad : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _pausing = new();
    private readonly FixInitiator _desk;
    private readonly Task _running;
    private readonly Task _sending;
    private int _sent;

    /// <param name="host">The machine of the acceptor, whose CompID is BROKER.</param>
    /// <param name="port">The port of the acceptor.</param>
    public DeskLoad(string host, int port)
    {
        _desk = new FixInitiator(
            new FixInitiatorOptions { Host = host, Port = port, MaxReconnectSeconds = 1 },
            new FixSessionOptions
            {
                Protocol = FixProtocol.Fix44,
                SenderCompId = "DESK",
                TargetCompId = "BROKER",
                HeartbeatSeconds = 5,
                KeptMessages = 200_000,
            },
            new FixNames(),
            SystemClock.Instance,
            _ => { });
        _running = _desk.RunAsync(_stopping.Token);
        _sending = Task.Run(SendAsync);
    }

    /// <summary>The number of requests that the session accepted for sending.</summary>
    public int Sent => Volatile.Read(ref _sent);

    /// <summary>The name of a request, by its number.</summary>
    public static string NameOf(int number) => number.ToString("D8", CultureInfo.InvariantCulture);

    /// <summary>Stops sending and stays logged on.</summary>
    public async Task PauseAsync()
    {
        await _pausing.CancelAsync();
        await _sending;
    }

    public async ValueTask DisposeAsync()
    {
        await PauseAsync();
        await _stopping.CancelAsync();
        await _running;
        await _desk.DisposeAsync();
        _stopping.Dispose();
        _pausing.Dispose();
    }

    private async Task SendAsync()
    {
        FixMessageBuilder request = new("F");
        using PeriodicTimer pace = new(TimeSpan.FromMilliseconds(5));
        while (!_pausing.IsCancellationRequested)
        {
            request.Clear("F").Add(41, "order").Add(11, NameOf(_sent)).Add(55, "EURUSD").Add(54, "1")
                .AddTime(60, SystemClock.Instance.UtcNanos);
            if (_desk.Session.Send(request) == FixSendStatus.Sent)
            {
                Volatile.Write(ref _sent, _sent + 1);
            }

            await pace.WaitForNextTickAsync(CancellationToken.None);
        }
    }
}

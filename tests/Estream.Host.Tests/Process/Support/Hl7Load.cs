using Estream.Wire;
using Estream.Wire.Hl7;
using Estream.Wire.Hl7.Acknowledgement;

namespace Estream.Host.Tests.Process;

/// <summary>A hospital system that sends admissions, each after the acknowledgement of the one before.</summary>
internal sealed class Hl7Load : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _sending;
    private int _acknowledged;

    /// <param name="port">The port of the listener.</param>
    public Hl7Load(int port)
    {
        _sending = SendAsync(port);
    }

    /// <summary>The number of acknowledged messages.</summary>
    public int Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>Stops after the next acknowledgement.</summary>
    /// <exception cref="WireConnectionException">The connection was lost, or a message was not accepted.</exception>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _sending;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task SendAsync(int port)
    {
        await using MllpClient client = await MllpClient.ConnectAsync("127.0.0.1", port, TimeSpan.FromSeconds(60));
        while (!_stopping.IsCancellationRequested)
        {
            Hl7Ack? ack = await client.SendAsync(Hl7Sample.Admission(_acknowledged));
            if (ack is null || !ack.Code.IsAccept())
            {
                throw new WireConnectionException($"Message {_acknowledged} was answered with {ack}.", isTransient: false);
            }

            Volatile.Write(ref _acknowledged, _acknowledged + 1);
        }
    }
}

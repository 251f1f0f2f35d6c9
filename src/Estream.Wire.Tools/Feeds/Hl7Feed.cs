using System.Globalization;
using System.Text;
using Estream.Core;
using Estream.Wire.Hl7;
using Estream.Wire.Hl7.Acknowledgement;

namespace Estream.Wire.Tools.Feeds;

/// <summary>A simulated hospital system that sends admissions, updates (ADT^A01, ADT^A08) and laboratory results (ORU^R01) of invented
/// patients by MLLP. Like a real sender, it resends a message until the receiver acknowledges it.</summary>
internal sealed class Hl7Feed : IFeed
{
    private const int Patients = 1_000;

    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_reconnect = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);

    private readonly Hl7FeedOptions _options;
    private readonly IClock _clock;
    private readonly string _run;
    private long _sent;
    private long _accepted;
    private long _refused;
    private long _bytes;
    private long _losses;
    private int _open;

    public Hl7Feed(Hl7FeedOptions options, IClock clock)
    {
        _options = options;
        _clock = clock;
        _run = (clock.UtcNanos / 1_000_000 % 0xFFFF_FFFF).ToString("x", CultureInfo.InvariantCulture);
    }

    public long MaxMessages => _options.MaxMessages;

    private bool IsDone => MaxMessages > 0 && _sent >= MaxMessages;

    public FeedCounts Count(long monotonicNanos) => new(
        Interlocked.Read(ref _sent), Interlocked.Read(ref _accepted), Interlocked.Read(ref _refused), Interlocked.Read(ref _bytes),
        Volatile.Read(ref _open), Interlocked.Read(ref _losses), "accepted", monotonicNanos);

    /// <exception cref="WireConnectionException">The first attempt to connect fails for a reason that does not pass, such as a certificate
    /// that is not trusted.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        FeedPace pace = new(_options.MessagesPerSecond, _clock);
        while (!IsDone && !cancellation.IsCancellationRequested)
        {
            try
            {
                await SendAsync(pace, cancellation).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (WireConnectionException failure) when (failure.IsTransient)
            {
                Interlocked.Increment(ref _losses);
                await Task.Delay(s_reconnect, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task SendAsync(FeedPace pace, CancellationToken cancellation)
    {
        MllpClient client = await MllpClient.ConnectAsync(
            _options.Host, _options.Port, s_timeout, _options.Tls, cancellation: cancellation).ConfigureAwait(false);
        await using (client.ConfigureAwait(false))
        {
            Volatile.Write(ref _open, 1);
            try
            {
                using PeriodicTimer timer = new(s_tick);
                while (!IsDone)
                {
                    for (long due = pace.Take(); due > 0 && !IsDone; due--)
                    {
                        await SendOneAsync(client, cancellation).ConfigureAwait(false);
                    }

                    await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false);
                }
            }
            finally
            {
                Volatile.Write(ref _open, 0);
            }
        }
    }

    private async Task SendOneAsync(MllpClient client, CancellationToken cancellation)
    {
        byte[] message = Encoding.UTF8.GetBytes(Message(_sent));
        Hl7Ack? ack = await client.SendAsync(message, cancellation).ConfigureAwait(false);
        Interlocked.Increment(ref ack?.Code.IsAccept() == true ? ref _accepted : ref _refused);
        Interlocked.Add(ref _bytes, message.Length);
        Interlocked.Increment(ref _sent);
    }

    private string Message(long number)
    {
        string type = (number % 3) switch { 0 => "ADT^A01^ADT_A01", 1 => "ADT^A08^ADT_A01", _ => "ORU^R01^ORU_R01" };
        long patient = number / 3 % Patients;
        string time = DateTimeOffset.FromUnixTimeMilliseconds(_clock.UtcNanos / 1_000_000)
            .ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture) + "+0000";
        string head = string.Create(CultureInfo.InvariantCulture,
            $"MSH|^~\\&|FEED|SIM|LAB|SIM|{time}||{type}|{_run}-{number}|P|2.5.1\rPID|1||{10_000 + patient}^^^SIM^MR||TEST{patient}^PATIENT||"
            + $"{1930 + (patient % 80)}0101|{(patient % 2 == 0 ? 'F' : 'M')}\rPV1|1|I|W{patient % 20}^{patient % 8}^A||||||||||||||||{patient}\r");
        return number % 3 != 2
            ? head
            : head + string.Create(CultureInfo.InvariantCulture,
                $"OBR|1|O{number}|R{number}|718-7^Hemoglobin^LN|||{time}\rOBX|1|NM|718-7^Hemoglobin^LN||{12 + (number % 5)}.{number % 10}|g/dL|"
                + $"12.0-17.5|N|||F|||{time}\r");
    }
}

/// <summary>The options of an <see cref="Hl7Feed"/>.</summary>
internal sealed record Hl7FeedOptions
{
    public required string Host { get; init; }

    public required int Port { get; init; }

    /// <summary>The TLS options; null for plain TCP.</summary>
    public WireTlsOptions? Tls { get; init; }

    public required double MessagesPerSecond { get; init; }

    /// <summary>The number of messages; 0 for no limit.</summary>
    public required long MaxMessages { get; init; }
}

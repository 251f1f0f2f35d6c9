using System.Globalization;
using System.Text;
using Estream.Core;
using Estream.Wire.Fhir;

namespace Estream.Wire.Tools.Feeds;

/// <summary>A simulated hospital system that writes invented patients and laboratory results to a FHIR server. Repeats a request until the
/// server answers. The system chooses the ids, so that a repeated request creates no second resource.</summary>
internal sealed class FhirFeed : IFeed
{
    private const int Patients = 1_000;
    private const int MaxResponseBytes = 1 << 20;

    private static readonly KeyValuePair<string, string>[] s_headers = [new("Prefer", "return=minimal")];
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_reconnect = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);

    private readonly FhirFeedOptions _options;
    private readonly IClock _clock;
    private readonly string _run;
    private long _sent;
    private long _accepted;
    private long _refused;
    private long _bytes;
    private long _losses;

    public FhirFeed(FhirFeedOptions options, IClock clock)
    {
        _options = options;
        _clock = clock;
        _run = (clock.UtcNanos / 1_000_000).ToString("x", CultureInfo.InvariantCulture);
    }

    public long MaxMessages => _options.MaxMessages;

    public FeedCounts Count(long monotonicNanos) => new(
        Interlocked.Read(ref _sent), Interlocked.Read(ref _accepted), Interlocked.Read(ref _refused), Interlocked.Read(ref _bytes), null,
        Interlocked.Read(ref _losses), "accepted", monotonicNanos);

    /// <exception cref="WireConnectionException">The server cannot be reached for a reason that does not pass, such as a certificate that
    /// is not trusted, or the token cannot be read.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using FhirRestClient client = new(_options.Url, _options.Tls, _options.Token, s_timeout, MaxResponseBytes);
        try
        {
            await Task.WhenAll(Enumerable.Range(0, _options.Connections).Select(first => SendAsync(client, first, cancellation)))
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Normal end.
        }
    }

    /// <summary>Sends every n-th resource, where n is the number of connections.</summary>
    private async Task SendAsync(FhirRestClient client, long number, CancellationToken cancellation)
    {
        FeedPace pace = new(_options.MessagesPerSecond / _options.Connections, _clock);
        using PeriodicTimer timer = new(s_tick);
        while (MaxMessages == 0 || number < MaxMessages)
        {
            for (long due = pace.Take(); due > 0 && (MaxMessages == 0 || number < MaxMessages); due--)
            {
                await SendOneAsync(client, number, cancellation).ConfigureAwait(false);
                number += _options.Connections;
            }

            await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false);
        }
    }

    private async Task SendOneAsync(FhirRestClient client, long number, CancellationToken cancellation)
    {
        (string path, string text) = Resource(number);
        byte[] body = Encoding.UTF8.GetBytes(text);
        while (true)
        {
            try
            {
                FhirRestResponse response =
                    await client.SendAsync(HttpMethod.Put, path, body, s_headers, cancellation).ConfigureAwait(false);
                Interlocked.Increment(ref response.IsSuccess ? ref _accepted : ref _refused);
                Interlocked.Add(ref _bytes, body.Length);
                Interlocked.Increment(ref _sent);
                return;
            }
            catch (WireConnectionException failure) when (failure.IsTransient)
            {
                Interlocked.Increment(ref _losses);
                await Task.Delay(s_reconnect, cancellation).ConfigureAwait(false);
            }
        }
    }

    private (string Path, string Text) Resource(long number)
    {
        long patient = number / 3 % Patients;
        if (number % 3 == 0)
        {
            return ($"Patient/sim-{patient}", string.Create(CultureInfo.InvariantCulture, $$"""
                {"resourceType":"Patient","id":"sim-{{patient}}",
                 "identifier":[{"system":"urn:estream:simulated","value":"{{10_000 + patient}}"}],
                 "name":[{"family":"Test{{patient}}","given":["Patient"]}],"gender":"{{(patient % 2 == 0 ? "female" : "male")}}",
                 "birthDate":"{{1930 + (patient % 80)}}-01-01"}
                """));
        }

        string time = DateTimeOffset.FromUnixTimeMilliseconds(_clock.UtcNanos / 1_000_000)
            .ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        return ($"Observation/{_run}-{number}", string.Create(CultureInfo.InvariantCulture, $$"""
            {"resourceType":"Observation","id":"{{_run}}-{{number}}","status":"final",
             "category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}],
             "code":{"coding":[{"system":"http://loinc.org","code":"718-7","display":"Hemoglobin"}]},
             "subject":{"reference":"Patient/sim-{{patient}}"},"effectiveDateTime":"{{time}}",
             "valueQuantity":{"value":{{12 + (number % 5)}}.{{number % 10}},"unit":"g/dL"} }
            """));
    }
}

/// <summary>The options of a <see cref="FhirFeed"/>.</summary>
internal sealed record FhirFeedOptions
{
    /// <summary>The URL of the server.</summary>
    public required Uri Url { get; init; }

    /// <summary>The TLS options; null for the authorities of the machine.</summary>
    public WireTlsOptions? Tls { get; init; }

    /// <summary>The bearer token; null for none.</summary>
    public WireSecret? Token { get; init; }

    /// <summary>The number of requests in flight.</summary>
    public required int Connections { get; init; }

    public required double MessagesPerSecond { get; init; }

    /// <summary>The number of resources; 0 for no limit.</summary>
    public required long MaxMessages { get; init; }
}

using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;

namespace Estream.Host.Runtime;

/// <summary>
/// Sends changes of alerts to an address, one after the other, as <see href="https://www.standardwebhooks.com">Standard Webhooks</see>
/// describes: headers <c>webhook-id</c>, <c>webhook-timestamp</c> and, with a secret, <c>webhook-signature</c>. Follows no redirects. A
/// change that is not accepted is sent again after 1, 2, 4 and more seconds, up to 10 times; its id stays the same. Thread-safe.
/// </summary>
internal sealed partial class AlertWebhook : IDisposable
{
    public const string IdHeader = "webhook-id";
    public const string TimeHeader = "webhook-timestamp";
    public const string SignatureHeader = "webhook-signature";

    private const int MaxWaiting = 256;
    private const int MostAttempts = 10;
    private const int TooEarly = 425;

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromMinutes(5);

    private readonly WebhookPlan _plan;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<AlertChange> _changes;
    private readonly CancellationTokenSource _end = new();
    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(10),
    })
    {
        Timeout = s_timeout,
    };

    private volatile string? _failure;

    /// <summary>Starts to send.</summary>
    public AlertWebhook(WebhookPlan plan, TimeProvider time, ILogger logger)
    {
        (_plan, _time, _logger) = (plan, time, logger);
        _changes = Channel.CreateBounded<AlertChange>(
            new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
            change => LogDropped(_logger, _plan.Place, change.Rule.Name, change.State, "Too many changes wait."));

        // Not awaited: Dispose ends the task.
        _ = RunAsync();
    }

    /// <summary>Why the webhook did not accept the last change; null if it did.</summary>
    public string? Failure => _failure;

    /// <summary>Sends a change soon. If 256 changes wait, the oldest is dropped.</summary>
    public void Send(AlertChange change) => _changes.Writer.TryWrite(change);

    /// <summary>Ends the sending. Changes that wait are dropped.</summary>
    public void Dispose()
    {
        _changes.Writer.TryComplete();
        _end.Cancel();
        _client.Dispose();
        _end.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            await foreach (AlertChange change in _changes.Reader.ReadAllAsync(_end.Token).ConfigureAwait(false))
            {
                await DeliverAsync(change).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops, or the settings have changed.
        }
        catch (ObjectDisposedException)
        {
            // Dispose, which is called for the same reasons, has disposed the client.
        }
    }

    private async Task DeliverAsync(AlertChange change)
    {
        string id = $"msg_{Guid.CreateVersion7():N}";
        byte[] body = BodyOf(change);
        for (int attempt = 1; ; attempt++)
        {
            (string? reason, bool isFinal) = await TrySendAsync(id, body).ConfigureAwait(false);
            if (reason is null)
            {
                _failure = null;
                return;
            }

            if (_failure is null)
            {
                LogUnsent(_logger, _plan.Place, reason);
            }

            _failure = $"The alert webhook {_plan.Place} gets no changes: {reason}.";
            if (isFinal || attempt == MostAttempts)
            {
                LogDropped(_logger, _plan.Place, change.Rule.Name, change.State, reason);
                return;
            }

            TimeSpan delay = TimeSpan.FromSeconds(1 << (attempt - 1));
            await Task.Delay(delay < s_longestDelay ? delay : s_longestDelay, _time, _end.Token).ConfigureAwait(false);
        }
    }

    // The reasons contain no path and no query of the address, which may be secret.
    private async Task<(string? Reason, bool IsFinal)> TrySendAsync(string id, byte[] body)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, _plan.Address)
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        string time = _time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        request.Headers.Add(IdHeader, id);
        request.Headers.Add(TimeHeader, time);
        if (_plan.Secret is { } secret)
        {
            request.Headers.Add(SignatureHeader, SignatureOf(secret, id, time, body));
        }

        try
        {
            using HttpResponseMessage response =
                await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _end.Token).ConfigureAwait(false);
            int status = (int)response.StatusCode;
            return response.IsSuccessStatusCode
                ? (null, false)
                : ($"it answered with status {status}", status < 500 && response.StatusCode is not (HttpStatusCode.RequestTimeout
                    or HttpStatusCode.TooManyRequests or (HttpStatusCode)TooEarly));
        }
        catch (HttpRequestException failure)
        {
            return ($"it cannot be reached ({failure.HttpRequestError})", false);
        }
        catch (OperationCanceledException) when (!_end.IsCancellationRequested)
        {
            return ($"it did not answer within {s_timeout.TotalSeconds:0} s", false);
        }
    }

    /// <summary>The signature of Standard Webhooks: HMAC-SHA-256 of id, time and body.</summary>
    internal static string SignatureOf(byte[] secret, string id, string time, byte[] body)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{time}."), .. body];
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(secret, signed));
    }

    private static byte[] BodyOf(AlertChange change)
    {
        ArrayBufferWriter<byte> buffer = new(512);
        using Utf8JsonWriter writer = new(buffer);
        writer.WriteStartObject();
        writer.WriteString("type"u8, "alert." + change.State);
        writer.WriteString("timestamp"u8, DateTimeOffset.UnixEpoch.AddTicks(change.UtcNanos / TimeSpan.NanosecondsPerTick));
        writer.WriteStartObject("data"u8);
        writer.WriteString("alert"u8, change.Rule.Name);
        writer.WriteString("state"u8, change.State);
        writer.WriteString("severity"u8, change.Rule.Severity);
        writer.WriteString("series"u8, change.Rule.Series);
        writer.WriteString("comparison"u8, change.Rule.Comparison);
        writer.WriteNumber("threshold"u8, change.Rule.Threshold);
        if (change.Value is { } value)
        {
            writer.WriteNumber("value"u8, value);
        }
        else
        {
            writer.WriteNull("value"u8);
        }

        writer.WriteString("detail"u8, change.Detail);
        writer.WriteString("host"u8, Environment.MachineName);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    [LoggerMessage(EventId = 178, Level = LogLevel.Warning,
        Message = "The alert webhook {Place} did not accept a change: {Reason}. The host sends the change again.")]
    private static partial void LogUnsent(ILogger logger, string place, string reason);

    [LoggerMessage(EventId = 179, Level = LogLevel.Error,
        Message = "The alert webhook {Place} does not get the change of alert {Alert} to {State}: {Reason}")]
    private static partial void LogDropped(ILogger logger, string place, string alert, string state, string reason);
}

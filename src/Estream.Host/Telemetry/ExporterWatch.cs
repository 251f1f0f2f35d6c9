using System.Diagnostics.Tracing;
using System.Globalization;
using Estream.Core;

namespace Estream.Host.Telemetry;

/// <summary>Logs failures of the OTLP exporter, which reports them only to event sources of the process. Logs at most once a
/// minute.</summary>
internal sealed partial class ExporterWatch : EventListener
{
    private const string ExporterSource = "OpenTelemetry-Exporter-OpenTelemetryProtocol";
    private const string BatchSource = "OpenTelemetry-Sdk";

    // Says at the start that the host exports other instruments than all that exist: not a failure.
    private const string UnusedInstrument = "MetricInstrumentIgnored";

    private const long QuietNanos = 60_000_000_000;

    private readonly Uri? _endpoint;
    private readonly ILogger? _logger;
    private readonly IClock? _clock;
    private long _toldAt;

    public ExporterWatch(Uri endpoint, IClock clock, ILogger logger)
    {
        (_endpoint, _clock, _logger) = (endpoint, clock, logger);
    }

    // The base constructor calls this method for existing sources, before the fields are set.
    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name is ExporterSource or BatchSource)
        {
            EnableEvents(eventSource, EventLevel.Warning);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (_logger is not { } logger || eventData.EventName == UnusedInstrument)
        {
            return;
        }

        long now = _clock!.MonotonicNanos, told = Volatile.Read(ref _toldAt);
        if ((told != 0 && now - told < QuietNanos) || Interlocked.CompareExchange(ref _toldAt, now, told) != told)
        {
            return;
        }

        LogUnsent(logger, _endpoint!, TextOf(eventData));
    }

    // The exporter passes exceptions with their stack traces; the first line is the message.
    private static string TextOf(EventWrittenEventArgs told)
    {
        try
        {
            return FirstLine(string.Format(CultureInfo.InvariantCulture, told.Message ?? "", [.. told.Payload ?? []]));
        }
        catch (FormatException)
        {
            return FirstLine(told.Message ?? told.EventName ?? "");
        }
    }

    private static string FirstLine(string text) => text.Split('\n', 2)[0].TrimEnd();

    [LoggerMessage(EventId = 8, Level = LogLevel.Warning,
        Message = "Metrics or traces could not be sent to {Endpoint}; further failures are logged after a minute. {Reason}")]
    private static partial void LogUnsent(ILogger logger, Uri endpoint, string reason);
}

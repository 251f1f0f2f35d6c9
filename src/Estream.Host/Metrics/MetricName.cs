using System.Text;

namespace Estream.Host.Metrics;

/// <summary>
/// Converts instrument names to Prometheus names: a counter <c>estream.mqtt.received</c> with unit <c>By</c> becomes
/// <c>estream_mqtt_received_bytes_total</c>. Follows the OpenTelemetry naming rules, so dashboards for an OTLP pipeline find the same
/// names.
/// </summary>
internal static class MetricName
{
    /// <summary>Returns the family name of an instrument.</summary>
    public static string Of(string instrumentName, string? unit, MetricKind kind)
    {
        StringBuilder name = new(Sanitise(instrumentName, allowColon: true));
        AppendSuffix(name, UnitSuffix(unit, kind));
        if (kind == MetricKind.Counter)
        {
            AppendSuffix(name, "_total");
        }

        return name.ToString();
    }

    /// <summary>
    /// Returns a label name: letters, digits and underscores, not starting with a digit. <c>le</c> is reserved for histograms and two
    /// leading underscores are reserved for Prometheus, so both are renamed.
    /// </summary>
    public static string Label(string tagName)
    {
        string name = Sanitise(tagName, allowColon: false);
        return name == "le" || name.StartsWith("__", StringComparison.Ordinal) ? "exported_" + name.TrimStart('_') : name;
    }

    private static void AppendSuffix(StringBuilder name, string suffix)
    {
        if (!name.ToString().EndsWith(suffix, StringComparison.Ordinal))
        {
            name.Append(suffix);
        }
    }

    private static string UnitSuffix(string? unit, MetricKind kind) => unit switch
    {
        "s" => "_seconds",
        "ms" => "_milliseconds",
        "ns" => "_nanoseconds",
        "By" => "_bytes",
        "1" when kind == MetricKind.Gauge => "_ratio",
        _ => "",
    };

    private static string Sanitise(string text, bool allowColon)
    {
        StringBuilder result = new(text.Length + 1);
        foreach (char c in text)
        {
            bool accepted = char.IsAsciiLetterOrDigit(c) || c == '_' || (allowColon && c == ':');
            result.Append(accepted ? c : '_');
        }

        if (result.Length == 0 || char.IsAsciiDigit(result[0]))
        {
            result.Insert(0, '_');
        }

        return result.ToString();
    }
}

/// <summary>The kind of a metric, which determines its aggregation and its TYPE line.</summary>
internal enum MetricKind
{
    Counter,
    Gauge,
    Histogram,
}

using System.Globalization;
using System.Text;

namespace Estream.Host.Metrics;

/// <summary>Writes the Prometheus text exposition format 0.0.4. Not thread-safe: one per scrape.</summary>
internal sealed class PrometheusWriter(StringBuilder output)
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Writes the HELP and TYPE lines, which must occur once, before the first sample of a family.</summary>
    public void Header(string name, MetricKind kind, string help)
    {
        output.Append("# HELP ").Append(name).Append(' ');
        foreach (char c in help)
        {
            _ = c switch
            {
                '\\' => output.Append("\\\\"),
                '\n' => output.Append("\\n"),
                _ => output.Append(c),
            };
        }

        string type = kind switch
        {
            MetricKind.Counter => "counter",
            MetricKind.Gauge => "gauge",
            _ => "histogram",
        };
        output.Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
    }

    public void Sample(string name, string labels, long value)
    {
        Series(name, labels);
        output.Append(CultureInfo.InvariantCulture, $"{value}\n");
    }

    public void Sample(string name, string labels, double value)
    {
        Series(name, labels);
        output.Append(Format(value)).Append('\n');
    }

    /// <summary>Formats a number: round-trip digits, and the special names of the format for non-finite values.</summary>
    public static string Format(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => double.IsNaN(value) ? "NaN" : value.ToString("R", CultureInfo.InvariantCulture),
    };

    private void Series(string name, string labels)
    {
        output.Append(name);
        if (labels.Length > 0)
        {
            output.Append('{').Append(labels).Append('}');
        }

        output.Append(' ');
    }
}

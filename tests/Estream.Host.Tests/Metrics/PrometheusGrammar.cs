using System.Globalization;
using System.Text.RegularExpressions;

namespace Estream.Host.Tests.Metrics;

/// <summary>
/// A reader of the text exposition format 0.0.4, written from the format's description and independent of the writer. It rejects everything
/// that Prometheus would reject, and returns the samples by series.
/// </summary>
internal static partial class PrometheusGrammar
{
    public static Dictionary<string, double> Parse(string text)
    {
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        Dictionary<string, double> samples = new(StringComparer.Ordinal);
        HashSet<string> finished = [];
        string family = "";
        string type = "untyped";
        foreach (string line in text.Split('\n')[..^1])
        {
            if (HelpLine().Match(line) is { Success: true } help)
            {
                Assert.True(finished.Add(help.Groups["name"].Value), $"family twice: {line}");
                family = help.Groups["name"].Value;
            }
            else if (TypeLine().Match(line) is { Success: true } typed)
            {
                Assert.Equal(family, typed.Groups["name"].Value);
                type = typed.Groups["type"].Value;
            }
            else
            {
                (string series, double value) = ParseSample(line, family, type);
                Assert.True(samples.TryAdd(series, value), $"series twice: {line}");
            }
        }

        CheckHistograms(samples);
        return samples;
    }

    private static (string Series, double Value) ParseSample(string line, string family, string type)
    {
        Match sample = SampleLine().Match(line);
        Assert.True(sample.Success, $"no sample line: {line}");
        string name = sample.Groups["name"].Value;
        string[] accepted = type == "histogram" ? [family + "_bucket", family + "_sum", family + "_count"] : [family];
        Assert.Contains(name, accepted);
        string[] labels = [.. LabelPair().Matches(sample.Groups["labels"].Value).Select(m => m.Groups["name"].Value)];
        Assert.Equal(labels.Length, labels.Distinct().Count());
        double value = sample.Groups["value"].Value switch
        {
            "+Inf" => double.PositiveInfinity,
            "-Inf" => double.NegativeInfinity,
            "NaN" => double.NaN,
            string number => double.Parse(number, CultureInfo.InvariantCulture),
        };
        return (name + sample.Groups["braces"].Value, value);
    }

    /// <summary>Checks that bucket counts never decrease and that the last one equals the count.</summary>
    private static void CheckHistograms(Dictionary<string, double> samples)
    {
        foreach (var buckets in samples.Where(s => s.Key.Contains("_bucket{", StringComparison.Ordinal))
            .GroupBy(s => LastLe().Replace(s.Key, "")))
        {
            double previous = 0;
            foreach ((string series, double value) in buckets)
            {
                Assert.True(value >= previous, $"bucket below its predecessor: {series}");
                previous = value;
            }

            Assert.Contains("le=\"+Inf\"", buckets.Last().Key, StringComparison.Ordinal);
            string count = buckets.Key.Replace("_bucket{", "_count{", StringComparison.Ordinal).Replace("{}", "", StringComparison.Ordinal);
            Assert.Equal(samples[count], previous);
        }
    }

    [GeneratedRegex("""^# HELP (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?:[^\\]|\\\\|\\n)*$""")]
    private static partial Regex HelpLine();

    [GeneratedRegex("""^# TYPE (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?<type>counter|gauge|histogram|summary|untyped)$""")]
    private static partial Regex TypeLine();

    [GeneratedRegex(
        """^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?<braces>\{(?<labels>(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\\\|\\"|\\n)*",?)*)\})? (?<value>[+-]?Inf|NaN|[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)$""")]
    private static partial Regex SampleLine();

    [GeneratedRegex("""(?<name>[a-zA-Z_][a-zA-Z0-9_]*)="(?:[^"\\\n]|\\\\|\\"|\\n)*",?""")]
    private static partial Regex LabelPair();

    [GeneratedRegex(""",?le="[^"]*"(?=\})""")]
    private static partial Regex LastLe();
}

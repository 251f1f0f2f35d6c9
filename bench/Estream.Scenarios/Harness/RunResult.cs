using System.Globalization;
using System.Text;

namespace Estream.Scenarios.Harness;

/// <summary>
/// The work and the time of one round, as the line a contender answers with: <c>run ops=.. ns=.. [key=..]</c>.
/// Optional keys: waited (the part of ns in the run queue), allocated (bytes), check (a value that only the same work gives),
/// p50, p99, p999, longest (ns), faults (page faults of the measured thread).
/// </summary>
internal sealed record RunResult(long Operations, long ElapsedNanos)
{
    private const string Prefix = "run ";

    public long? WaitedNanos { get; init; }

    public long? AllocatedBytes { get; init; }

    public ulong? Check { get; init; }

    public double? P50 { get; init; }

    public double? P99 { get; init; }

    public double? P999 { get; init; }

    /// <summary>The time of the longest operation, in ns.</summary>
    public double? Longest { get; init; }

    public long? PageFaults { get; init; }

    public string ToLine()
    {
        var line = new StringBuilder(Prefix);
        line.Append(CultureInfo.InvariantCulture, $"ops={Operations} ns={ElapsedNanos}");
        Add(line, "waited", WaitedNanos);
        Add(line, "allocated", AllocatedBytes);
        Add(line, "check", Check);
        Add(line, "p50", P50);
        Add(line, "p99", P99);
        Add(line, "p999", P999);
        Add(line, "longest", Longest);
        Add(line, "faults", PageFaults);
        return line.ToString();
    }

    public static RunResult Parse(string line)
    {
        if (!line.StartsWith(Prefix, StringComparison.Ordinal))
        {
            throw new FormatException($"expected a line that starts with 'run ', found '{line}'");
        }

        var fields = new Dictionary<string, string>();
        foreach (string field in line[Prefix.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = field.IndexOf('=');
            if (equals <= 0)
            {
                throw new FormatException($"expected key=value, found '{field}' in '{line}'");
            }

            fields[field[..equals]] = field[(equals + 1)..];
        }

        return new RunResult(Required(fields, "ops", line), Required(fields, "ns", line))
        {
            WaitedNanos = Optional<long>(fields, "waited"),
            AllocatedBytes = Optional<long>(fields, "allocated"),
            Check = Optional<ulong>(fields, "check"),
            P50 = Optional<double>(fields, "p50"),
            P99 = Optional<double>(fields, "p99"),
            P999 = Optional<double>(fields, "p999"),
            Longest = Optional<double>(fields, "longest"),
            PageFaults = Optional<long>(fields, "faults"),
        };
    }

    private static void Add<T>(StringBuilder line, string key, T? value)
        where T : struct, IFormattable
    {
        if (value is { } present)
        {
            line.Append(' ').Append(key).Append('=').Append(present.ToString(null, CultureInfo.InvariantCulture));
        }
    }

    private static long Required(Dictionary<string, string> fields, string key, string line)
    {
        return Optional<long>(fields, key) is { } value and > 0
            ? value
            : throw new FormatException($"'{key}' must be present and positive in '{line}'");
    }

    private static T? Optional<T>(Dictionary<string, string> fields, string key)
        where T : struct, IParsable<T>
    {
        return fields.TryGetValue(key, out string? text) ? T.Parse(text, CultureInfo.InvariantCulture) : null;
    }
}

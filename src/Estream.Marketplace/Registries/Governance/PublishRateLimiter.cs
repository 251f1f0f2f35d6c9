using System.Diagnostics.CodeAnalysis;
using Estream.Core;
using Estream.Marketplace.Files;
using Estream.Marketplace.Json;
using Estream.Marketplace.Trust.Namespaces;

namespace Estream.Marketplace.Governance;

/// <summary>Records the publications of the last 24 hours in a file in the registry's folder. Not thread-safe. The file is written before
/// the log, so that after a crash the count may be too high but never too low.</summary>
internal sealed class PublishRateLimiter(string path, IClock clock)
{
    /// <summary>The maximum number of stored publications; the oldest are dropped.</summary>
    public const int MaxEntries = 20_000;

    private const int MaxBytes = 4 << 20;

    private static readonly TimeSpan s_day = TimeSpan.FromHours(24);

    /// <summary>Returns the number of releases of a namespace in the last 24 hours.</summary>
    /// <exception cref="EstreamCorruptionException">The file is damaged.</exception>
    public int Count(NamespaceName name) => Recent().Count(entry => entry.Namespace == name.Text);

    /// <summary>Records a publication.</summary>
    public void Add(NamespaceName name)
    {
        PublishTimeEntry[] entries = [.. Recent().TakeLast(MaxEntries - 1), new PublishTimeEntry(name.Text, JsonTime.Now(clock))];
        AtomicFile.Write(FileStorage.Instance, path, CanonicalJson.Write(new JsonObject
        {
            { "published",
                JsonArray.Of(
                    entries.Select(entry =>
                        (JsonValue)new JsonObject { { "namespace", entry.Namespace }, { "at", JsonTime.Write(entry.At) } })) },
        }));
    }

    /// <summary>Reads the bytes of the file. Never throws on any input.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out IReadOnlyList<PublishTimeEntry>? entries,
        [NotNullWhen(false)] out string? reason)
    {
        entries = null;
        if (!StrictJsonReader.TryReadCanonical(bytes, new JsonLimits(MaxBytes, 3, 2 + (3 * MaxEntries)), out JsonValue? value,
            out JsonFault? fault))
        {
            reason = fault.ToString();
            return false;
        }

        JsonFields fields = new(value);
        PublishTimeEntry[] read =
            [.. fields.Objects("published", MaxEntries).Select(one => new PublishTimeEntry(one.Text("namespace", 64), one.Time("at")))];
        reason = fields.End();
        entries = reason is null ? read : null;
        return reason is null;
    }

    // Entries from the future count too, so that setting the clock back does not lift the limit.
    private IEnumerable<PublishTimeEntry> Recent()
    {
        byte[]? bytes = AtomicFile.Read(FileStorage.Instance, path, MaxBytes);
        if (bytes is null)
        {
            return [];
        }

        DateTimeOffset since = JsonTime.Now(clock) - s_day;
        return TryRead(bytes, out IReadOnlyList<PublishTimeEntry>? entries, out string? reason) ? entries.Where(entry => entry.At > since)
            : throw new EstreamCorruptionException(
                $"'{path}', which counts the releases of the last 24 hours, is damaged: {reason}. Restore it from a copy; if you delete "
                + "it, the count starts at zero.", path);
    }
}

/// <summary>A recorded publication.</summary>
/// <param name="Namespace">The namespace of the release.</param>
/// <param name="At">The time of publication.</param>
internal sealed record PublishTimeEntry(string Namespace, DateTimeOffset At);

using System.Globalization;

namespace Estream.Host.Http;

/// <summary>Selects rows of the newest sample of all queues.</summary>
internal static class QueueList
{
    /// <summary>Returns one row for each queue, with the sums of its partitions.</summary>
    public static IEnumerable<QueueOverview> Fold(IEnumerable<QueueOverview> queues)
    {
        Dictionary<string, List<QueueOverview>> partitioned = new(StringComparer.Ordinal);
        foreach (QueueOverview queue in queues)
        {
            if (queue.PartitionOf is not { } parent)
            {
                yield return queue;
            }
            else if (partitioned.TryGetValue(parent, out List<QueueOverview>? parts))
            {
                parts.Add(queue);
            }
            else
            {
                partitioned.Add(parent, [queue]);
            }
        }

        foreach ((string parent, List<QueueOverview> parts) in partitioned)
        {
            yield return Sum(parent, parts);
        }
    }

    /// <summary>Returns the row of a queue, with the sums of its partitions; null if there is none.</summary>
    public static QueueOverview? Find(IEnumerable<QueueOverview> queues, string name) =>
        Fold(queues.Where(queue => queue.Name == name || queue.PartitionOf == name)).FirstOrDefault(queue => queue.Name == name)
            ?? queues.FirstOrDefault(queue => queue.Name == name);

    /// <summary>Orders queues that need attention first, then by their rates.</summary>
    public static IEnumerable<QueueOverview> MostUrgentFirst(IEnumerable<QueueOverview> queues) => queues
        .OrderByDescending(queue => queue.IsPaused || queue.RetentionHeldBy.Length > 0 || queue.HeldBy is not null
            || queue.EvictedSegments > 0)
        .ThenByDescending(queue => queue.RatePerSecond).ThenBy(queue => queue.Name, StringComparer.Ordinal);

    /// <summary>Returns one page of rows.</summary>
    /// <param name="queues">The rows.</param>
    /// <param name="order">The order.</param>
    /// <param name="after">The last row of the previous page; null for the first page.</param>
    /// <param name="limit">The maximum number of rows.</param>
    public static QueuePage Page(IReadOnlyList<QueueOverview> queues, QueueOrder order, QueueCursor? after, int limit)
    {
        QueueOverview[] page =
        [
            .. queues.Where(queue => after is not { } last || last.CompareTo(order.CursorOf(queue)) < 0).OrderBy(order.CursorOf)
                .Take(limit + 1),
        ];
        return new QueuePage(page.Length > limit ? page[..limit] : page, queues.Count,
            page.Length > limit ? order.CursorOf(page[limit - 1]).ToString() : null);
    }

    private static QueueOverview Sum(string name, List<QueueOverview> parts)
    {
        ReaderHold[] holds =
        [
            .. parts.SelectMany(part => part.HeldBy ?? []).GroupBy(hold => hold.Reader, StringComparer.Ordinal)
                .Select(readers => new ReaderHold(readers.Key, readers.Sum(hold => hold.Bytes))),
        ];
        return new QueueOverview(name, parts.Sum(part => part.Messages), parts.Sum(part => part.Bytes), parts.Sum(part => part.Segments),
            Math.Round(parts.Sum(part => part.RatePerSecond), 1), parts[0].Durability)
        {
            Partitions = parts.Count,
            IsPaused = parts.Exists(part => part.IsPaused),
            RetentionHeldBy = string.Join(", ", parts.Select(part => part.RetentionHeldBy).Where(held => held.Length > 0).Distinct()),
            EvictedSegments = parts.Sum(part => part.EvictedSegments),
            HeldBy = holds.Length > 0 ? holds : null,
        };
    }
}

/// <summary>The order of a list of queues: by name, or by a number, the greatest first.</summary>
/// <param name="Number">The number; null to order by name.</param>
internal readonly record struct QueueOrder(Func<QueueOverview, double>? Number)
{
    public static bool TryParse(string? text, out QueueOrder order)
    {
        order = new QueueOrder(text switch
        {
            "rate" => queue => queue.RatePerSecond,
            "messages" => queue => queue.Messages,
            "bytes" => queue => queue.Bytes,
            _ => null,
        });
        return order.Number is not null || string.IsNullOrEmpty(text) || text == "name";
    }

    public QueueCursor CursorOf(QueueOverview queue) => new(Number?.Invoke(queue) ?? 0, queue.Name);
}

/// <summary>The place of a row in the order of a list. A list changes between two requests, so a cursor contains the place, not an
/// index.</summary>
internal readonly record struct QueueCursor(double Number, string Name) : IComparable<QueueCursor>
{
    public static bool TryParse(string text, out QueueCursor cursor)
    {
        cursor = default;
        int space = text.IndexOf(' ', StringComparison.Ordinal);
        if (space < 0
            || !double.TryParse(text.AsSpan(0, space), NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
        {
            return false;
        }

        cursor = new QueueCursor(number, text[(space + 1)..]);
        return true;
    }

    public int CompareTo(QueueCursor other) => Number != other.Number
        ? other.Number.CompareTo(Number)
        : string.CompareOrdinal(Name, other.Name);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number:R} {Name}");
}

/// <summary>One page of the queues. <paramref name="Total"/> counts the queues of all pages; <paramref name="Next"/> is the <c>after</c> of
/// the next page, null on the last page.</summary>
internal sealed record QueuePage(IReadOnlyList<QueueOverview> Queues, int Total, string? Next);

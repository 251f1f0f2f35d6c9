using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Estream.Core;
using Estream.Host.Http;

namespace Estream.Host.Runtime;

/// <summary>
/// The logs that this host has put aside, because they differ from the streams of their queues. Counts them, and deletes each after some
/// days, unless it may hold acknowledged messages. Thread-safe; calls of <see cref="Check"/> do not overlap.
/// </summary>
/// <remarks>A file in each directory, its mark, stores its age. Directories without a mark are never deleted.</remarks>
internal sealed partial class DivergedLogs
{
    /// <summary>The name of the file in a directory that was put aside.</summary>
    public const string MarkFile = "replication.diverged";

    private const int MaxMarkBytes = 4096;
    private const long NanosPerSecond = 1_000_000_000;
    private const long MaxAgeSeconds = 1_000L * 366 * 86_400;

    private static readonly TimeSpan s_period = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_markPeriod = TimeSpan.FromHours(1);

    // A clock that jumps ahead makes no log old, and a host that was off for long ages its logs by one day.
    private static readonly TimeSpan s_longestStep = TimeSpan.FromDays(1);

    private readonly IReadOnlyList<(string Queue, string Directory)> _queues;
    private readonly TimeSpan _maxAge;
    private readonly IClock _clock;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();

    // The logs whose marks could not be written. They are counted, and the next checks write the marks.
    private readonly ConcurrentDictionary<string, Mark> _unmarked = new(StringComparer.Ordinal);
    private volatile IReadOnlyList<DivergedHealth> _health = [];
    private long? _checkedAt;

    /// <param name="queues">The replicated queues, and their directories.</param>
    /// <param name="days">The age at which a log is deleted, in days; 0 to keep all logs.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="logger">The log.</param>
    /// <exception cref="EstreamStorageException">The directory of a queue has a mark that cannot be deleted.</exception>
    public DivergedLogs(IReadOnlyList<(string Queue, string Directory)> queues, int days, IClock clock, ILogger logger)
    {
        _queues = [.. queues.Select(queue => (queue.Queue, Path.TrimEndingDirectorySeparator(queue.Directory)))];
        (_maxAge, _clock, _logger) = (TimeSpan.FromDays(days), clock, logger);
        foreach ((_, string directory) in _queues.Where(queue => Directory.Exists(queue.Directory)))
        {
            // A person has moved a log back.
            DeleteMark(Path.Combine(directory, MarkFile));
        }
    }

    /// <summary>The logs that were put aside, at the last check.</summary>
    public IReadOnlyList<DivergedHealth> Health => _health;

    /// <summary>Renames the directory of a queue.</summary>
    /// <param name="directory">The directory. No process writes it.</param>
    /// <param name="mayHoldAcknowledged">Whether only a person may delete the log.</param>
    /// <returns>The new name of the directory.</returns>
    /// <exception cref="IOException">The directory cannot be renamed.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory cannot be renamed.</exception>
    public string PutAside(string directory, bool mayHoldAcknowledged)
    {
        lock (_gate)
        {
            directory = Path.TrimEndingDirectorySeparator(directory);
            int number = 1;
            while (Directory.Exists(NameOf(directory, number)))
            {
                number++;
            }

            string renamed = NameOf(directory, number);
            Directory.Move(directory, renamed);
            _checkedAt = null;
            _ = _unmarked.TryRemove(renamed, out _);

            // On a full disk, a later check writes the mark. The host follows the queue again meanwhile.
            Mark mark = new(_clock.UtcNanos / NanosPerSecond, 0, mayHoldAcknowledged);
            try
            {
                WriteMark(renamed, mark);
            }
            catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
            {
                _unmarked[renamed] = mark;
                LogUnmarked(_logger, renamed, refused.Message);
            }

            return renamed;
        }
    }

    /// <summary>Counts the logs, and deletes logs that are too old. Called once a second; reads the directories once a minute.</summary>
    /// <exception cref="IOException">A directory cannot be read or deleted. The next call tries again.</exception>
    /// <exception cref="UnauthorizedAccessException">A directory cannot be read or deleted. The next call tries again.</exception>
    public void Check()
    {
        long now = _clock.MonotonicNanos;
        lock (_gate)
        {
            if (_checkedAt is { } last && now - last < s_period.Ticks * TimeSpan.NanosecondsPerTick)
            {
                return;
            }

            _checkedAt = now;
        }

        List<DivergedHealth> all = [];
        Exception? failure = null;
        foreach ((string queue, string directory) in _queues)
        {
            if (Look(queue, directory, ref failure) is { } found)
            {
                all.Add(found);
            }
        }

        _health = all;
        if (failure is not null)
        {
            lock (_gate)
            {
                _checkedAt = null;
            }

            throw failure;
        }
    }

    private static string NameOf(string directory, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{directory}.diverged-{number}");

    private DivergedHealth? Look(string queue, string directory, ref Exception? failure)
    {
        string prefix = $"{Path.GetFileName(directory)}.diverged-";
        string? parent = Path.GetDirectoryName(directory);
        int count = 0;
        List<string> kept = [];
        foreach (string log in Directory.Exists(parent) ? Directory.EnumerateDirectories(parent) : [])
        {
            string name = Path.GetFileName(log);
            if (!name.StartsWith(prefix, StringComparison.Ordinal))
            {
                continue;
            }

            bool isKept = true;
            try
            {
                if (FindMark(log) is not { } mark)
                {
                    continue;
                }

                isKept = mark.MayHoldAcknowledged;
                if (Age(log, mark) is { } old)
                {
                    Directory.Delete(log, recursive: true);
                    LogDeleted(_logger, log, queue, old.Days);
                    continue;
                }
            }
            catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
            {
                failure = refused;
            }

            count++;
            if (isKept)
            {
                kept.Add(name);
            }
        }

        return count == 0 ? null : new DivergedHealth(queue, count, kept.Count, kept.Count == 0 ? "" : DetailOf(kept));
    }

    // Returns the age of a log that is to be deleted.
    private TimeSpan? Age(string log, Mark mark)
    {
        long now = _clock.UtcNanos / NanosPerSecond;
        TimeSpan step = TimeSpan.FromSeconds(Math.Clamp(now - mark.SeenAt, 0, (long)s_longestStep.TotalSeconds));
        TimeSpan age = TimeSpan.FromSeconds(mark.Age) + step;
        if (_maxAge > TimeSpan.Zero && age >= _maxAge && !mark.MayHoldAcknowledged)
        {
            return age;
        }

        if (step >= s_markPeriod || now < mark.SeenAt)
        {
            WriteMark(log, mark with { SeenAt = now, Age = (long)age.TotalSeconds });
        }

        return null;
    }

    private static string DetailOf(List<string> kept) =>
        $"'{kept[0]}'{(kept.Count == 1 ? "" : $" and {kept.Count - 1} more")} may contain acknowledged messages that the queue does not "
        + "have. Compare the directory with the queue, append the missing messages, and delete the directory. The host never deletes the "
        + "directory.";

    private Mark? FindMark(string log)
    {
        if (_unmarked.TryGetValue(log, out Mark? missing))
        {
            WriteMark(log, missing);
            _ = _unmarked.TryRemove(log, out _);
        }

        return ReadMark(log);
    }

    private static void DeleteMark(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new EstreamStorageException(
                $"Cannot delete '{path}', which marks the log of a queue as put aside: {refused.Message} Delete it, and start the host "
                + "again.", path, StorageFailure.Other, refused);
        }
    }

    private static Mark? ReadMark(string log)
    {
        FileInfo file = new(Path.Combine(log, MarkFile));
        if (!file.Exists || file.Length > MaxMarkBytes)
        {
            return null;
        }

        try
        {
            JsonNode? fields = JsonNode.Parse(File.ReadAllText(file.FullName));
            Mark mark = new((long)fields!["seenAt"]!, (long)fields["ageSeconds"]!, (bool)fields["mayHoldAcknowledged"]!);
            if (mark.Age is >= 0 and <= MaxAgeSeconds)
            {
                return mark;
            }
        }
        catch (Exception damage) when (damage is JsonException or InvalidOperationException or NullReferenceException or FormatException
            or OverflowException or ArgumentException)
        {
            // The log has no age.
        }

        // Without its age, the log counts as a log that only a person may delete.
        return new Mark(0, 0, MayHoldAcknowledged: true);
    }

    private static void WriteMark(string directory, Mark mark)
    {
        string path = Path.Combine(directory, MarkFile);
        string temporary = path + ".new";
        File.WriteAllText(temporary, new JsonObject
        {
            ["seenAt"] = mark.SeenAt,
            ["ageSeconds"] = mark.Age,
            ["mayHoldAcknowledged"] = mark.MayHoldAcknowledged,
        }.ToJsonString());
        File.Move(temporary, path, overwrite: true);
    }

    // Times are in seconds, since 1970 UTC.
    private sealed record Mark(long SeenAt, long Age, bool MayHoldAcknowledged);

    [LoggerMessage(EventId = 107, Level = LogLevel.Information,
        Message = "Deleted {Directory}, a log of queue {Queue} that was put aside {Days} days ago (Replication:DivergedDays).")]
    private static partial void LogDeleted(ILogger logger, string directory, string queue, int days);

    [LoggerMessage(EventId = 113, Level = LogLevel.Warning,
        Message = "{Directory} was put aside, and its mark cannot be written: {Reason} The host tries again each second. Until then, it "
            + "does not delete the directory.")]
    private static partial void LogUnmarked(ILogger logger, string directory, string reason);
}

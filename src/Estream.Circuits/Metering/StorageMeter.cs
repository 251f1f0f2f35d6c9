namespace Estream.Circuits.Metering;

/// <summary>Looks from time to time how much circuits hold on disk, and for how long they have; and has somebody look at what else is to be
/// seen then. Thread-safe.</summary>
/// <param name="options">How often, by which clock, and who knows of attestations.</param>
/// <param name="look">Looks at the rest.</param>
/// <param name="failed">Is told what could not be looked at. It throws nothing.</param>
internal sealed class StorageMeter(CircuitRuntimeOptions options, Action look, Action<string> failed) : IAsyncDisposable
{
    private const double NanosPerSecond = 1e9;

    private readonly Lock _lock = new();

    // One look at a time. Without the other lock: who looks at the rest may ask for circuits, and who opens one comes here.
    private readonly Lock _looking = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<AccountedStorage> _all = [];

    // How many attestations of a queue are charged to somebody, or were there before anybody wrote it.
    private readonly Dictionary<string, long> _charged = new(StringComparer.Ordinal);
    private Task? _run;
    private long _last;

    // Of the look that is under way, and of the last one.
    private string? _failure;
    private string? _told;

    /// <summary>Somebody begins to hold. What was attested up to now is of those that were there before.</summary>
    public void Join(AccountedStorage one)
    {
        lock (_lock)
        {
            ChargeProofs(one.QueuesWritten);
            _all.Add(one);
            if (_run is null)
            {
                _last = options.Clock.MonotonicNanos;
                _run = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            }
        }
    }

    /// <summary>Somebody holds nothing any more. What was held and attested up to now counts.</summary>
    public void Leave(AccountedStorage one)
    {
        lock (_lock)
        {
            if (_all.Contains(one))
            {
                ChargeProofs(one.QueuesWritten);
                one.Take(0, SecondsSince(_last));
                _ = _all.Remove(one);
            }
        }
    }

    /// <summary>Looks now, and has the rest looked at.</summary>
    public void Sample()
    {
        lock (_looking)
        {
            Measure();
            look();
        }
    }

    /// <summary>Looks now how much circuits hold.</summary>
    public void Measure()
    {
        AccountedStorage[] all;
        lock (_lock)
        {
            all = [.. _all];
        }

        // Without the lock: there may be many files, and whoever opens a circuit comes here.
        Dictionary<string, int> writers = all.SelectMany(circuit => circuit.Directories)
            .CountBy(directory => directory, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        Dictionary<string, long> sizes = writers.ToDictionary(directory => directory.Key,
            directory => StoredBytes.In(directory.Key) / directory.Value, StringComparer.Ordinal);
        string? told;
        lock (_lock)
        {
            ChargeStorage(sizes);
            _failure = null;
            ChargeProofs(_all.SelectMany(circuit => circuit.QueuesWritten));
            told = _failure == _told ? null : _failure;
            _told = _failure;
        }

        if (told is not null)
        {
            failed(told);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_run is { } run)
        {
            await run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _stop.Dispose();
    }

    /// <summary>Charges what was found to those that are there now: who has come meanwhile holds something from the next look on.</summary>
    private void ChargeStorage(Dictionary<string, long> sizes)
    {
        double seconds = SecondsSince(_last);
        _last = options.Clock.MonotonicNanos;
        foreach (AccountedStorage circuit in _all)
        {
            circuit.Take(circuit.Directories.Sum(directory => sizes.GetValueOrDefault(directory)), seconds);
        }

        foreach (IGrouping<Tenant, AccountedStorage> tenant in _all.GroupBy(circuit => circuit.Account))
        {
            tenant.Key.IsFull = tenant.Sum(circuit => circuit.Now.Bytes) > (tenant.Key.Limits.StorageBytes ?? long.MaxValue);
        }
    }

    /// <summary>Charges what has come since the last look, in equal parts, to all that write a queue. What does not divide waits for the
    /// next look.</summary>
    private void ChargeProofs(IEnumerable<string> queues)
    {
        if (options.AttestationsOf is not { } attestationsOf)
        {
            return;
        }

        foreach (string queue in queues.Distinct(StringComparer.Ordinal).ToArray())
        {
            AccountedStorage[] writers = [.. _all.Where(circuit => circuit.QueuesWritten.Contains(queue))];
            if (writers.Length == 0)
            {
                _ = _charged.Remove(queue);
            }

            try
            {
                long there = attestationsOf(queue);
                long charged = Math.Min(_charged.GetValueOrDefault(queue, there), there);
                long each = writers.Length == 0 ? 0 : (there - charged) / writers.Length;
                Array.ForEach(writers, writer => writer.TakeProofs(each));
                _charged[queue] = charged + (each * writers.Length);
            }
            catch (Exception failure)
            {
                // Whoever counts them is not of this library. What has come meanwhile is charged at a later look.
                _failure = $"How many attestations the queue '{queue}' has could not be asked: {failure.Message}";
            }
        }
    }

    private double SecondsSince(long moment) => Math.Max(0, options.Clock.MonotonicNanos - moment) / NanosPerSecond;

    private void Run()
    {
        string? told = null;
        while (!_stop.Token.WaitHandle.WaitOne(options.SampleEvery))
        {
            try
            {
                Sample();
                told = null;
            }
            catch (Exception failure)
            {
                // The top of a thread, without which no limit of storage holds and no usage is kept: it goes on.
                if (told != failure.Message)
                {
                    told = failure.Message;
                    failed($"Circuits could not be looked at: {failure.Message}");
                }
            }
        }
    }
}

/// <summary>How many bytes the files of a queue, a map or a state have.</summary>
internal static class StoredBytes
{
    private static readonly EnumerationOptions s_all = new()
    {
        RecurseSubdirectories = true,
        MaxRecursionDepth = 4,
        IgnoreInaccessible = true,
        AttributesToSkip = FileAttributes.ReparsePoint,
    };

    /// <summary>Adds them up. Files that come or go meanwhile count or not; a directory that is not there has none.</summary>
    public static long In(string directory)
    {
        long bytes = 0;
        try
        {
            foreach (FileInfo file in new DirectoryInfo(directory).EnumerateFiles("*", s_all))
            {
                bytes += file.Exists ? file.Length : 0;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It goes while it is looked at.
        }

        return bytes;
    }
}

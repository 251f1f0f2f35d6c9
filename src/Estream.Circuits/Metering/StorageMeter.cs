namespace Estream.Circuits.Metering;

/// <summary>Periodically measures the bytes circuits store and integrates them over time, then calls a delegate for all other periodic
/// checks. Thread-safe.</summary>
/// <param name="options">The interval, the clock, and the source of attestation counts.</param>
/// <param name="look">Performs the other periodic checks.</param>
/// <param name="failed">Called with the reason when a measurement failed. It must not throw.</param>
internal sealed class StorageMeter(CircuitRuntimeOptions options, Action look, Action<string> failed) : IAsyncDisposable
{
    private const double NanosPerSecond = 1e9;

    private readonly Lock _lock = new();

    // Serialises samples. Separate from _lock: the other periodic checks may query circuits, and opening a circuit takes _lock.
    private readonly Lock _looking = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<AccountedStorage> _all = [];

    // The number of attestations of each queue that were already charged, or existed before any account wrote the queue.
    private readonly Dictionary<string, long> _charged = new(StringComparer.Ordinal);
    private Task? _run;
    private long _last;

    // The failures of the current and of the previous measurement.
    private string? _failure;
    private string? _told;

    /// <summary>Adds an account. Attestations up to now are charged to the accounts that were added before.</summary>
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

    /// <summary>Removes an account after charging its storage and attestations up to now.</summary>
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

    /// <summary>Measures now, then runs the other periodic checks.</summary>
    public void Sample()
    {
        lock (_looking)
        {
            Measure();
            look();
        }
    }

    /// <summary>Measures now how much circuits store.</summary>
    public void Measure()
    {
        AccountedStorage[] all;
        lock (_lock)
        {
            all = [.. _all];
        }

        // Sizes are measured without the lock, because there may be many files, and opening a circuit takes the lock.
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

    /// <summary>Charges the measured sizes to the current accounts. An account added meanwhile is first charged at the next
    /// measurement.</summary>
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

    /// <summary>Charges new attestations in equal parts to all accounts that write the queue. The remainder is carried over to the next
    /// measurement.</summary>
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
                // The delegate is user code. Uncounted attestations are charged at a later measurement.
                _failure = $"The attestations of the queue '{queue}' could not be counted: {failure.Message}";
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
                // The thread continues after any failure: without this thread, no storage limit is enforced and no usage is recorded.
                if (told != failure.Message)
                {
                    told = failure.Message;
                    failed($"Circuits could not be measured: {failure.Message}");
                }
            }
        }
    }
}

/// <summary>Computes the size of the files of a queue, a map or a state.</summary>
internal static class StoredBytes
{
    private static readonly EnumerationOptions s_all = new()
    {
        RecurseSubdirectories = true,
        MaxRecursionDepth = 4,
        IgnoreInaccessible = true,
        AttributesToSkip = FileAttributes.ReparsePoint,
    };

    /// <summary>Adds up the file sizes. Files created or deleted meanwhile may be counted or not; a missing directory has size 0.</summary>
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
            // The directory was deleted meanwhile.
        }

        return bytes;
    }
}

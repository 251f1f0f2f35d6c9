using Estream.Core;
using Estream.Map.Internal;
using Estream.Map.TestProcess;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>One of several writers is stopped in the middle of a value while it holds the lock of its stripe. Other writers of that stripe
/// wait as long as the stopped writer lives, and get an exception with its process id after a minute. They take over the lock when the
/// writer is dead.</summary>
public sealed class StoppedWriterTests : IDisposable
{
    private const long Key = 7;

    // The checks of the owner are some milliseconds apart.
    private const long ManyLooks = 40;

    private readonly TempDirectory _directory = new();
    private readonly CountedClock _clock = new();
    private readonly CountedClock _otherClock = new();
    private readonly StateMap<long, CheckedValue> _living;
    private readonly StateMap<long, CheckedValue> _other;
    private readonly StateMap<long, CheckedValue> _reader;
    private readonly DeadWriter<long, CheckedValue> _files;
    private readonly long _bucket;
    private readonly long _stripe;

    public StoppedWriterTests()
    {
        _living = Open(_clock);
        _other = Open(_otherClock);
        _reader = StateMap.OpenReadOnly<long, CheckedValue>(_directory.Path);
        _living.Put(Key, CheckedValue.Of(0));
        _files = new DeadWriter<long, CheckedValue>(_directory.Path);
        (_bucket, _) = _files.Find(Key);
        _stripe = _files.StripeOf(_bucket);
    }

    private long Owner => _files.LockOf(_stripe);

    private long Takeovers => _living.GetStatistics().Takeovers;

    public void Dispose()
    {
        _files.Dispose();
        _reader.Dispose();
        _other.Dispose();
        _living.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_stopped_writer_keeps_its_lock_and_a_killed_writer_loses_it_and_its_half_written_value()
    {
        using ChildProcess process = OtherProcessTests.Start("put-for-ever", _directory.Path, $"{Key}");
        StopInTheMiddle(process);
        (long owner, long old) = (Owner, ReadWhole());
        Task<bool> first = Start(() => _living.Put(Key, CheckedValue.Of(-1)));
        Task<bool> second = Start(() => _other.Put(Key, CheckedValue.Of(-2)));
        Eventually.True(() => _clock.Looks > ManyLooks && _otherClock.Looks > ManyLooks,
            "both look again and again whether the owner lives");
        Assert.False(first.IsCompleted || second.IsCompleted);
        Assert.Equal((owner, old), (Owner, ReadWhole()));
        process.Signal("CONT");
        Assert.False(await first);
        Assert.False(await second);
        Assert.Equal(0, Takeovers);

        StopInTheMiddle(process);
        old = ReadWhole();
        long looks = _clock.Looks;
        Task<bool> exchange = Start(() => _living.CompareExchange(Key, CheckedValue.Of(old), CheckedValue.Of(-3)));
        Eventually.True(() => _clock.Looks > looks + ManyLooks, "it looks again and again whether the owner lives");
        Assert.False(exchange.IsCompleted);
        process.Kill();
        Assert.True(await exchange, "half a value was not taken back");
        Assert.Equal(1, Takeovers);
        Assert.Equal(0, Owner);
        Assert.Equal(-3, ReadWhole());
        Assert.False(_other.Put(Key, CheckedValue.Of(4)));
        Assert.Equal(4, ReadWhole());
    }

    [Fact]
    public async Task A_writer_that_waits_a_minute_for_a_lock_throws_with_the_owner_and_changes_nothing()
    {
        using ChildProcess process = OtherProcessTests.Start("put-for-ever", _directory.Path, $"{Key}");
        StopInTheMiddle(process);
        (long owner, long old) = (Owner, ReadWhole());
        Task<bool> waiting = Start(() => _living.Put(Key, CheckedValue.Of(-1)));
        PassAndLook(TimeSpan.FromSeconds(59));
        Assert.False(waiting.IsCompleted);
        _clock.Pass(TimeSpan.FromSeconds(2));
        EstreamLeaseException stopped = await Assert.ThrowsAsync<EstreamLeaseException>(() => waiting);
        Assert.Equal(process.Id, stopped.OwnerProcessId);
        Assert.Contains("stopped", stopped.Message, StringComparison.Ordinal);
        Assert.Equal((owner, old), (Owner, ReadWhole()));
        process.Signal("CONT");
        Assert.False(_living.Put(Key, CheckedValue.Of(-2)));
        Assert.Equal(0, Takeovers);
    }

    [Fact]
    public async Task A_writer_that_waits_a_minute_for_a_resize_throws()
    {
        using (IDisposable? moving = FileStorage.Instance.TryLock(_directory.Combine(MapFormat.ResizeLockFile), LockMode.Exclusive))
        {
            Assert.NotNull(moving);
            Task<bool> waiting = Start(() =>
            {
                using MapSnapshot<long, CheckedValue> snapshot = _living.CreateSnapshot();
                return true;
            });
            PassAndLook(TimeSpan.FromSeconds(59));
            Assert.False(waiting.IsCompleted);
            _clock.Pass(TimeSpan.FromSeconds(2));
            EstreamLeaseException slow = await Assert.ThrowsAsync<EstreamLeaseException>(() => waiting);
            Assert.EndsWith(MapFormat.ResizeLockFile, slow.Path, StringComparison.Ordinal);
        }

        using MapSnapshot<long, CheckedValue> now = _living.CreateSnapshot();
        Assert.Equal(1, now.Count);
        Assert.Equal(0, ReadWhole());
    }

    private static Task<bool> Start(Func<bool> action) => Task.Factory.StartNew(action, TaskCreationOptions.LongRunning);

    // Waits until a writer waits, lets time pass, and waits until the writer has read the clock again.
    private void PassAndLook(TimeSpan time)
    {
        Eventually.True(() => _clock.Looks > 2, "a writer waits");
        _clock.Pass(time);
        long looks = _clock.Looks;
        Eventually.True(() => _clock.Looks > looks + 2, "he looks again");
    }

    // The writer is in the middle of a value most of the time, so this soon succeeds.
    private void StopInTheMiddle(ChildProcess process) => Eventually.True(
        () =>
        {
            process.Signal("STOP");
            Eventually.True(() => IsStopped(process.Id), "all threads of the process are stopped");
            if (Owner != 0 && ControlWord.IsBusy(_files.ControlOf(_bucket)))
            {
                return true;
            }

            process.Signal("CONT");
            return false;
        },
        "the writer is stopped in the middle of a value");

    private static bool IsStopped(int process)
    {
        try
        {
            return Directory.GetDirectories($"/proc/{process}/task").All(thread =>
            {
                // The state follows the name, which is in parentheses and may contain parentheses.
                string stat = File.ReadAllText(Path.Combine(thread, "stat"));
                return stat[stat.LastIndexOf(')') + 2] == 'T';
            });
        }
        catch (IOException)
        {
            // A thread has ended in the meantime.
            return false;
        }
    }

    private long ReadWhole()
    {
        Assert.True(_reader.TryGet(Key, out CheckedValue value) && value.IsWhole);
        return value.Operation;
    }

    private StateMap<long, CheckedValue> Open(IClock clock) =>
        StateMap.Open<long, CheckedValue>(_directory.Path,
            new MapOptions { InitialCapacity = 0, Writers = MapWriters.Many, Clock = clock });

    /// <summary>A clock that a test sets, and that counts how often a waiting writer has read it.</summary>
    private sealed class CountedClock : IClock
    {
        private long _now = 1_700_000_000_000_000_000;
        private long _looks;

        public long UtcNanos => Volatile.Read(ref _now);

        public long CoarseUtcNanos => UtcNanos;

        public long MonotonicNanos
        {
            get
            {
                Interlocked.Increment(ref _looks);
                return UtcNanos;
            }
        }

        public long Looks => Volatile.Read(ref _looks);

        public void Pass(TimeSpan time) => Interlocked.Add(ref _now, time.Ticks * TimeSpan.NanosecondsPerTick);
    }
}

using System.Runtime.CompilerServices;
using Estream.Map;
using Estream.Queue;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>
/// Rows of `witness` on a map whose changes are witnessed: overwrites of random present keys, until the last one is attested. The writer
/// waits while more changes than the allowed backlog wait for attestation. A call has one put, or sixteen in `estream-batch`.
/// </summary>
internal sealed class WitnessedPuts : IContender
{
    private readonly WitnessWorkload _workload;
    private readonly BenchQueue _feed;
    private readonly QueueChangeSink _sink;
    private readonly StateMap<ulong, ulong> _map;
    private readonly IDisposable _holder;
    private readonly BenchWitness _witness;
    private readonly bool _hasState;
    private readonly bool _isBatched;
    private readonly ulong[] _batch = new ulong[MapWorkload.Together];
    private readonly ulong[] _values = new ulong[MapWorkload.Together];
    private KeySequence _keys;
    private ulong _value;
    private long _told;

    /// <summary>Fills the map and waits for the witness to catch up.</summary>
    /// <param name="context">The directory and the size.</param>
    /// <param name="hasState">Whether the state of the map is attested. Then the feed has all changes from the first change on. Otherwise
    /// the feed starts after the fill, and is truncated up to the position of the witness.</param>
    /// <param name="isBatched">Whether each call has sixteen puts.</param>
    public WitnessedPuts(ContenderContext context, bool hasState, bool isBatched = false)
    {
        _workload = new WitnessWorkload(context.Size);
        _hasState = hasState;
        _isBatched = isBatched;
        _keys = new KeySequence(_workload.Entries(hasState));
        string map = Path.Combine(context.Directory, "map");
        if (!hasState)
        {
            using StateMap<ulong, ulong> filled = StateMap.Open<ulong, ulong>(map);
            Fill(filled);
        }

        string feed = Path.Combine(context.Directory, "feed");
        Directory.CreateDirectory(feed);
        _feed = hasState ? BenchQueue.Whole(feed) : new BenchQueue(context with { Directory = feed }, FrameChecksum.Crc32C);
        _sink = new QueueChangeSink(_feed.Queue, AppenderMode.Exclusive);
        _feed.Hold();
        _map = StateMap.Open<ulong, ulong>(map, new MapOptions { Changes = _sink });
        _holder = Holder.Start(HeldStorage.Map, map);
        _witness = new BenchWitness(Path.Combine(context.Directory, "attestations"), _feed.Queue, hasState);
        _witness.Begin();
        if (hasState)
        {
            Fill(_map);
            _told = (long)_workload.Entries(hasState);
            _witness.WaitFor(_told);
        }
    }

    public RunResult Run()
    {
        long puts = _workload.Puts(_hasState);
        RoundTimer timer = RoundTimer.Start();
        for (long left = puts; left > 0; left -= WitnessWorkload.BatchOperations)
        {
            if (_isBatched)
            {
                BatchTogether();
            }
            else
            {
                Batch();
            }

            _told += WitnessWorkload.BatchOperations;
            if (_told - _witness.Attested > _workload.Backlog)
            {
                _witness.WaitFor(_told - _workload.Backlog);
            }
        }

        _witness.WaitFor(_told);
        return timer.Stop(puts) with { Check = (ulong)_witness.Attested };
    }

    public void Dispose()
    {
        _witness.Dispose();
        _holder.Dispose();
        _map.Dispose();
        _sink.Dispose();
        _feed.Dispose();
    }

    private void Fill(StateMap<ulong, ulong> map)
    {
        for (ulong entry = 0; entry < _workload.Entries(_hasState); entry++)
        {
            map.Put(KeySequence.KeyOf(entry), entry);
        }
    }

    // A separate method, so that it reaches the JIT's last tier: see Batches.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Batch()
    {
        StateMap<ulong, ulong> map = _map;
        KeySequence keys = _keys;
        ulong value = _value;
        for (int i = 0; i < WitnessWorkload.BatchOperations; i++)
        {
            map.Put(keys.Next(), value++);
        }

        _keys = keys;
        _value = value;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void BatchTogether()
    {
        KeySequence keys = _keys;
        ulong value = _value;
        for (int left = WitnessWorkload.BatchOperations; left > 0; left -= MapWorkload.Together)
        {
            for (int i = 0; i < MapWorkload.Together; i++)
            {
                (_batch[i], _values[i]) = (keys.Next(), value++);
            }

            _map.PutMany(_batch, _values);
        }

        _keys = keys;
        _value = value;
    }
}

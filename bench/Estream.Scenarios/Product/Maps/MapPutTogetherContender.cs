using Estream.Map;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>
/// The <c>estream-2-writers</c> row of `map-put-batch`: two threads on two processors write to one map opened for many writers, sixteen
/// pairs per call. Both draw the same keys, and each puts the keys of every other entry, so that the final map equals that of one writer.
/// </summary>
internal sealed class MapPutTogetherContender : IContender
{
    private const int Writers = 2;

    private readonly ProductMap _map;
    private readonly Writer[] _writers;
    private readonly BoundThreads _threads;

    public MapPutTogetherContender(ContenderContext context, MapWorkload workload)
    {
        _map = new ProductMap(context, workload, new MapOptions { Writers = MapWriters.Many });
        _writers = [.. Enumerable.Range(0, Writers).Select(number => new Writer(_map.Map, workload, (ulong)number))];
        _threads = new BoundThreads(Writers);
    }

    public RunResult Run() => BoundThreads.Combined(_threads.Run(writer => _writers[writer].Run())) with { Check = _map.Sum() };

    public void Dispose()
    {
        _threads.Dispose();
        _map.Dispose();
    }

    /// <summary>Puts the entries of one thread.</summary>
    private sealed class Writer(StateMap<ulong, ulong> map, MapWorkload workload, ulong number)
    {
        private readonly ulong[] _batch = new ulong[MapWorkload.Together];
        private readonly ulong[] _values = new ulong[MapWorkload.Together];
        private KeySequence _keys = new(workload.Entries);
        private ulong _value;
        private int _filled;
        private long _put;

        public RunResult Run()
        {
            _put = 0;
            RoundTimer timer = RoundTimer.Start();
            for (long left = workload.Operations; left > 0; left -= MapWorkload.BatchOperations)
            {
                Batch();
            }

            Put(_filled);
            _filled = 0;
            return timer.Stop(_put);
        }

        /// <summary>Selects this thread's keys without a branch, which would be mispredicted every other time.</summary>
        private void Batch()
        {
            ulong[] batch = _batch;
            ulong[] values = _values;
            KeySequence keys = _keys;
            int filled = _filled;
            for (ulong end = _value + MapWorkload.BatchOperations, value = _value; value < end; value++)
            {
                ulong entry = keys.NextEntry();
                batch[filled] = KeySequence.KeyOf(entry);
                values[filled] = value;
                filled += (int)((entry ^ number ^ 1) & 1);
                if (filled == batch.Length)
                {
                    Put(filled);
                    filled = 0;
                }
            }

            _value += MapWorkload.BatchOperations;
            _keys = keys;
            _filled = filled;
        }

        private void Put(int count)
        {
            map.PutMany(_batch.AsSpan(0, count), _values.AsSpan(0, count));
            _put += count;
        }
    }
}

using System.Collections;
using Estream.Map.Internal;

namespace Estream.Map;

public sealed partial class StateMap<TKey, TValue>
{
    /// <summary>
    /// Goes through the entries of a map; see <see cref="GetEnumerator"/>. A value type that allocates nothing. Not thread-safe itself, but
    /// the map may be written meanwhile: entries never move within a table, and an enumeration that is overtaken by a growth ends in the
    /// table in which it began.
    /// </summary>
    public struct Enumerator : IEnumerator<KeyValuePair<TKey, TValue>>
    {
        private readonly Table<TKey, TValue> _table;
        private long _bucket;
        private int _slot;
        private KeyValuePair<TKey, TValue> _current;

        internal Enumerator(Table<TKey, TValue> table)
        {
            _table = table;
            Reset();
        }

        /// <summary>The entry the last <see cref="MoveNext"/> found.</summary>
        public readonly KeyValuePair<TKey, TValue> Current => _current;

        readonly object IEnumerator.Current => _current;

        /// <summary>Goes on to the next entry.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="ObjectDisposedException">The map was disposed meanwhile, so what is left cannot be seen any more.</exception>
        public bool MoveNext()
        {
            while (_bucket < _table.BucketCount)
            {
                if (++_slot == SlotLayout<TKey, TValue>.SlotsPerBucket)
                {
                    _slot = -1;
                    _bucket++;
                }
                else if (_table.TryReadSlot(_bucket, _slot, out TKey key, out TValue value))
                {
                    _current = new KeyValuePair<TKey, TValue>(key, value);
                    return true;
                }
            }

            // Only a table that was taken away has no buckets at all.
            if (_table.BucketCount == 0)
            {
                ThrowHelper.Disposed();
            }

            return false;
        }

        /// <summary>Starts over, in the same table.</summary>
        public void Reset()
        {
            _bucket = 0;
            _slot = -1;
            _current = default;
        }

        /// <summary>Does nothing: there is nothing to give back.</summary>
        public readonly void Dispose()
        {
        }
    }
}

using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;
using LightningDB;

namespace Estream.Scenarios.Peers.Stores;

/// <summary>
/// LMDB through LightningDB, configured as in the C++ row: integer keys, a writable map, nothing flushed. Gets share one read transaction,
/// puts are committed 1,024 at a time. The native library is that of the Linux distribution, as in the C++ row.
/// </summary>
internal readonly struct LightningStore : IMapStore
{
    private const string OfTheDistribution = "liblmdb.so.0";

    private readonly State _state;

    static LightningStore()
    {
        // The library in the package is a later LMDB, and needs a newer libc than some distributions have.
        NativeLibrary.SetDllImportResolver(typeof(LightningEnvironment).Assembly, (_, _, _) => NativeLibrary.Load(OfTheDistribution));
    }

    public LightningStore(ContenderContext context, MapWorkload workload)
    {
        _state = new State(context.Directory, workload.Entries);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet(ulong key, out ulong value) => _state.TryGet(key, out value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Put(ulong key, ulong value) => _state.Put(key, value);

    /// <summary>Throws; LMDB does not have this operation.</summary>
    public bool CompareExchange(ulong key, ulong expected, ulong replacement) => throw new NotSupportedException();

    public ulong Sum() => _state.Sum();

    public void Dispose() => _state.Dispose();

    private sealed class State : IDisposable
    {
        private const long BytesPerEntry = 256;
        private const long SpareBytes = 256L << 20;
        private const int PutsPerCommit = 1024;

        private readonly LightningEnvironment _environment;
        private readonly byte[] _key = new byte[sizeof(ulong)];
        private readonly byte[] _value = new byte[sizeof(ulong)];
        private LightningTransaction _transaction;
        private LightningDatabase _database;
        private int _pending;

        public State(string directory, ulong entries)
        {
            _environment = new LightningEnvironment(
                directory, new EnvironmentConfiguration { MapSize = ((long)entries * BytesPerEntry) + SpareBytes });
            _environment.Open(EnvironmentOpenFlags.WriteMap | EnvironmentOpenFlags.NoSync);
            ulong[] keys = new ulong[entries];
            ulong[] values = new ulong[entries];
            for (ulong i = 0; i < entries; i++)
            {
                keys[i] = KeySequence.KeyOf(i);
                values[i] = i;
            }

            Array.Sort(keys, values);
            _transaction = _environment.BeginTransaction();
            _database = _transaction.OpenDatabase(
                new DatabaseConfiguration { Flags = DatabaseOpenFlags.Create | DatabaseOpenFlags.IntegerKey });
            for (ulong i = 0; i < entries; i++)
            {
                Write(keys[i], values[i], PutOptions.AppendData);
            }

            Commit();
        }

        public bool TryGet(ulong key, out ulong value)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(_key, key);
            (MDBResultCode code, _, MDBValue found) = _transaction.Get(_database, _key.AsSpan());
            value = code == MDBResultCode.Success ? found.Read<ulong>() : 0;
            return code == MDBResultCode.Success;
        }

        public void Put(ulong key, ulong value)
        {
            if (_pending == 0)
            {
                _transaction.Dispose();
                _transaction = _environment.BeginTransaction();
            }

            Write(key, value, PutOptions.None);
            if (++_pending == PutsPerCommit)
            {
                Commit();
            }
        }

        public ulong Sum()
        {
            if (_pending > 0)
            {
                Commit();
            }

            using LightningCursor cursor = _transaction.CreateCursor(_database);
            ulong sum = 0;
            for (var entry = cursor.Next(); entry.Item1 == MDBResultCode.Success; entry = cursor.Next())
            {
                sum += entry.Item3.Read<ulong>();
            }

            return sum;
        }

        public void Dispose()
        {
            _transaction.Dispose();
            _database.Dispose();
            _environment.Dispose();
        }

        private void Write(ulong key, ulong value, PutOptions options)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(_key, key);
            BinaryPrimitives.WriteUInt64LittleEndian(_value, value);
            Require(_transaction.Put(_database, _key.AsSpan(), _value.AsSpan(), options));
        }

        private void Commit()
        {
            Require(_transaction.Commit());
            _transaction.Dispose();
            _pending = 0;
            _transaction = _environment.BeginTransaction(TransactionBeginFlags.ReadOnly);
        }

        private static void Require(MDBResultCode code)
        {
            if (code != MDBResultCode.Success)
            {
                throw new ScenarioException($"LightningDB answered {code}");
            }
        }
    }
}

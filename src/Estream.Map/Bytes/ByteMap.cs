using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

/// <summary>
/// An unordered map of byte strings of any size outside the garbage-collected heap: in files that any number of processes read while one
/// writes, or in private memory.
/// </summary>
/// <remarks>
/// <para>Keys have 0 to <see cref="MaxKeyBytes"/> bytes, values 0 to <see cref="MaxValueBytes"/>. No size has to be set in advance: the map
/// grows and shrinks while it is used, and reuses the space of replaced and removed values. The files take at most about two and a half
/// times the bytes in use (docs/formats/bytemap.md has the exact limits); <see cref="Compact"/> reduces that to 1.1 times.</para>
/// <para>Thread-safety: one thread at a time may write (<see cref="Put"/>, <see cref="TryAdd"/>, <see cref="Remove"/>,
/// <see cref="CompareExchange"/>, <see cref="Clear"/>, <see cref="SetUserWord"/>, <see cref="Flush"/>, <see cref="Compact"/>). Any thread
/// of any process may read at any time. A reader takes no lock, never waits for the writer, active or dead, and gets a value that was
/// current at some moment during the call, whole and verified by its checksum. Do not call <see cref="Dispose"/> while another thread uses
/// this object.</para>
/// <para>A crash of the writer loses no change whose call has returned. A power cut may: see <see cref="Flush"/> and
/// <see cref="HostCrashed"/>; the entries that remain are whole.</para>
/// <para>With <see cref="ByteMapOptions.Changes"/>, an exception of the sink propagates to the caller, and the change is not
/// applied.</para>
/// <para>Reads and writes allocate nothing, except the overload of <see cref="TryGet(ReadOnlySpan{byte}, out byte[])"/> that returns a
/// copy, and a write that needs another file. For keys and values of fixed size <see cref="StateMap{TKey, TValue}"/> is several
/// times faster.</para>
/// </remarks>
public sealed partial class ByteMap : IDisposable
{
    /// <summary>The maximum length of a key, in bytes: 64 KiB.</summary>
    public const int MaxKeyBytes = HeapFormat.MaxKeyBytes;

    /// <summary>The maximum length of a value, in bytes: 256 MiB.</summary>
    public const int MaxValueBytes = HeapFormat.MaxValueBytes;

    private readonly StateMap<nuint, nuint> _index;
    private readonly ByteMeta _meta;
    private readonly HeapView _view;
    private readonly ByteHash _hash;
    private readonly Heap? _heap;
    private readonly Compactor? _compactor;
    private readonly EntryStore? _entries;
    private readonly RegionSource _source;
    private readonly MapKeys? _keys;
    private volatile bool _isDisposed;

    private readonly VersionedEntryStore? _stamps;

    private ByteMap(OpenedBytes parts, string? directory, ByteMapOptions options)
    {
        (_index, _meta, _heap, _view, _hash, _source, _keys) = parts;
        Directory = directory;
        if (_heap is not null)
        {
            _compactor = new Compactor(_index, _heap, _meta, _source);
            _entries = new EntryStore(_index, _heap, _meta, _compactor, _hash, Place, options.Changes);
            _stamps = _meta.HasStamps ? new VersionedEntryStore(_entries, _index, _view, _meta, options.Clock, Place) : null;
        }
    }

    /// <summary>The directory of the files, or <see langword="null"/> for a map in memory.</summary>
    public string? Directory { get; }

    /// <summary>Whether the map was opened read-only.</summary>
    public bool IsReadOnly => _heap is null;

    /// <summary>The number of entries. Reads the head of every stripe of the index, one for about a thousand entries.</summary>
    public long Count => Index.Count + _meta.Collisions;

    /// <summary>
    /// Whether entries may be missing or stale, but not mixed, because the machine stopped (power cut, kernel crash) while a writer had the
    /// map open, or a flush failed. Remains set until <see cref="Clear"/> or <see cref="VersionedByteMap.ConfirmEntries"/>. Rebuild the map
    /// from its source. A crash of a process never sets it.
    /// </summary>
    public bool HostCrashed => Index.HostCrashed || _meta.HasHostCrashed;

    internal bool HasExpiring => _meta.HasExpiring;

    private string Place => Directory ?? "memory";

    private StateMap<nuint, nuint> Index
    {
        get
        {
            if (_isDisposed)
            {
                HeapErrors.Disposed();
            }

            return _index;
        }
    }

    /// <summary>Opens the map in a directory as its only writer, and creates it if it does not exist.</summary>
    /// <param name="directory">The directory of the map, used for nothing else. Created with its parents.</param>
    /// <param name="options">The options; <see langword="null"/> for the defaults.</param>
    /// <remarks>Costs a mapping for each file. Only after a power cut, every entry is read and verified: up to a second for a million
    /// entries.</remarks>
    /// <exception cref="EstreamLeaseException">Another object, in this or another process, is writing to the map.</exception>
    /// <exception cref="EstreamFormatException">The map is a <see cref="StateMap{TKey, TValue}"/> or a <see cref="VersionedByteMap"/>, or
    /// has another format version.</exception>
    /// <exception cref="EstreamCorruptionException">The files are damaged, or are not a map.</exception>
    /// <exception cref="EstreamKeyException">The map is encrypted and <see cref="ByteMapOptions.Keys"/> is not set or does not open it,
    /// or keys are set and the map is not encrypted.</exception>
    /// <exception cref="InvalidOperationException">The map has a change feed, and <see cref="ByteMapOptions.Changes"/> is not
    /// set.</exception>
    /// <exception cref="EstreamStorageException">A storage error: full disk, no permission, read-only file system.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its limits.</exception>
    public static ByteMap Open(string directory, ByteMapOptions? options = null) => Open(directory, options, features: 0);

    internal static ByteMap Open(string directory, ByteMapOptions? options, int features)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        options = (options ?? new ByteMapOptions()).Validated();
        var files = new DirectorySource(options.Storage, directory);
        var map = new ByteMap(new ByteMapOpener(files, options, features).OpenOrCreate(files), directory, options);
        try
        {
            // A dead writer may have published a change without applying it.
            map._entries!.ResolveFeedIntent();
            return map;
        }
        catch
        {
            map.Dispose();
            throw;
        }
    }

    /// <summary>Opens the map in a directory for reading, concurrently with its writer. Never writes: works on a read-only file
    /// system.</summary>
    /// <param name="directory">The directory of the map.</param>
    /// <param name="options">The options; <see langword="null"/> for the defaults. Only keys, storage and prefaulting are used.</param>
    /// <exception cref="EstreamStorageException">The map does not exist or may not be read.</exception>
    /// <exception cref="EstreamFormatException">The map has another format version.</exception>
    /// <exception cref="EstreamCorruptionException">The files are damaged, or are not a map.</exception>
    /// <exception cref="EstreamKeyException">The map is encrypted and <see cref="ByteMapOptions.Keys"/> is not set or does not open it,
    /// or keys are set and the map is not encrypted.</exception>
    public static ByteMap OpenReadOnly(string directory, ByteMapOptions? options = null) => OpenReadOnly(directory, options, features: 0);

    internal static ByteMap OpenReadOnly(string directory, ByteMapOptions? options, int features)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        options = (options ?? new ByteMapOptions()).Validated();
        var files = new DirectorySource(options.Storage, directory);
        return new ByteMap(new ByteMapOpener(files, options, features).OpenReadOnly(files), directory, options);
    }

    /// <summary>Creates a map in the memory of this process, outside the garbage-collected heap, on huge pages if available.</summary>
    /// <param name="options">The options; <see langword="null"/> for the defaults. The storage does not matter.</param>
    /// <exception cref="ArgumentException"><see cref="ByteMapOptions.Keys"/> is set.</exception>
    /// <exception cref="InsufficientMemoryException">There is not enough address space.</exception>
    public static ByteMap CreateInMemory(ByteMapOptions? options = null) => CreateInMemory(options, features: 0);

    internal static ByteMap CreateInMemory(ByteMapOptions? options, int features)
    {
        options = (options ?? new ByteMapOptions()).Validated();
        return new ByteMap(new ByteMapOpener(new MemorySource(), options, features).CreateInMemory(), directory: null, options);
    }

    /// <summary>Returns one of the words of user metadata of the map; see <see cref="StateMap{TKey, TValue}.UserWord"/>.</summary>
    /// <param name="index">0 to <see cref="StateMap.UserWordCount"/> - 1.</param>
    public long UserWord(int index) => Index.UserWord(index);

    /// <summary>
    /// Closes the map. A writer first flushes everything, so a later power cut loses nothing, and then releases the map to the next writer.
    /// Idempotent.
    /// </summary>
    /// <exception cref="EstreamStorageException">The device reported an error. The map is closed anyway, and reports
    /// <see cref="HostCrashed"/> when it is opened.</exception>
    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        try
        {
            Close();
        }
        finally
        {
            _view.Dispose();
            _keys?.Dispose();
            _meta.Dispose();
        }
    }

    // The index is disposed last, because it holds the lock. It is durable before bytes.meta records that the map was closed.
    private void Close()
    {
        try
        {
            if (_heap is not null)
            {
                _compactor!.Abort();
                _heap.DropSpares(isDisposing: true);
                FlushAll(withHeads: true);
                _meta.SignOff();
            }
        }
        catch (EstreamStorageException)
        {
            _meta.HasHostCrashed = true;
            throw;
        }
        finally
        {
            _index.Dispose();
        }
    }
}

using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

/// <summary>
/// An unordered map of byte strings of any size outside the garbage-collected heap, in files that any number of processes read while one
/// writes, or in memory of its own.
/// </summary>
/// <remarks>
/// <para>Keys have 0 to <see cref="MaxKeyBytes"/> bytes, values 0 to <see cref="MaxValueBytes"/>. Nothing has to be guessed in advance: the
/// map grows and shrinks while it is used, and the space of values that were replaced or removed is used again. The files take at most
/// about two and a half times the bytes that are in use (docs/formats/bytemap.md says exactly); <see cref="Compact"/> makes that 1.1
/// times.</para>
/// <para>Thread-safety: one thread at a time may write (<see cref="Put"/>, <see cref="TryAdd"/>, <see cref="Remove"/>,
/// <see cref="CompareExchange"/>, <see cref="Clear"/>, <see cref="SetUserWord"/>, <see cref="Flush"/>, <see cref="Compact"/>). Any thread
/// of any process may read at any time; it takes no lock, never waits for the writer, dead or alive, and gets a value that was current at
/// some moment during the call, whole and checked against its checksum. <see cref="Dispose"/> must not run while another thread uses this
/// object.</para>
/// <para>Killing the writer at any moment loses nothing that a call had returned from. A power cut may: see <see cref="Flush"/> and
/// <see cref="HostCrashed"/>; what is still there is whole then too.</para>
/// <para>With <see cref="ByteMapOptions.Changes"/> an exception of the sink goes to the caller of the change, which is not made
/// then.</para>
/// <para>No call here allocates, except opening, and now and then a write that needs another file. For keys and values of fixed size
/// <see cref="StateMap{TKey, TValue}"/> is several times faster.</para>
/// </remarks>
public sealed partial class ByteMap : IDisposable
{
    /// <summary>The longest key, in bytes: 64 KiB.</summary>
    public const int MaxKeyBytes = HeapFormat.MaxKeyBytes;

    /// <summary>The longest value, in bytes: 256 MiB.</summary>
    public const int MaxValueBytes = HeapFormat.MaxValueBytes;

    private readonly StateMap<nuint, nuint> _index;
    private readonly ByteMeta _meta;
    private readonly HeapView _view;
    private readonly ByteHash _hash;
    private readonly Heap? _heap;
    private readonly Compactor? _compactor;
    private readonly EntryStore? _entries;
    private readonly RegionSource _source;
    private volatile bool _isDisposed;

    private readonly VersionedEntryStore? _stamps;

    private ByteMap(OpenedBytes parts, string? directory, ByteMapOptions options)
    {
        (_index, _meta, _heap, _view, _hash, _source) = parts;
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

    /// <summary>Whether this object may only read.</summary>
    public bool IsReadOnly => _heap is null;

    /// <summary>The number of entries. Costs a look at one word for about a thousand entries.</summary>
    public long Count => Index.Count + _meta.Collisions;

    /// <summary>
    /// Whether the machine itself stopped (power cut, kernel crash) while a writer had the map open, or its device refused a flush, so that
    /// entries may be missing or old; none is mixed up. Stays so until <see cref="Clear"/>. Killing a process never causes it.
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

    /// <summary>Opens the map in a directory as its one writer, and makes it when it is missing.</summary>
    /// <param name="directory">A directory of its own; made with its parents.</param>
    /// <param name="options">Defaults where <see langword="null"/>.</param>
    /// <remarks>Costs a mapping for each file. After a power cut, and only then, every entry is read and checked: up to a second for a
    /// million.</remarks>
    /// <exception cref="EstreamLeaseException">Another process, or another object of this one, is writing to the map.</exception>
    /// <exception cref="EstreamFormatException">The map is a <see cref="StateMap{TKey, TValue}"/> or a <see cref="VersionedByteMap"/>, has
    /// another format version, or the files are no map.</exception>
    /// <exception cref="EstreamCorruptionException">The files are damaged.</exception>
    /// <exception cref="InvalidOperationException">The changes of the map are told to a feed, and there is no
    /// <see cref="ByteMapOptions.Changes"/>.</exception>
    /// <exception cref="EstreamStorageException">The system refused: full disk, no permission, read-only file system.</exception>
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
            // What a dead writer had told and not done.
            map._entries!.ResolveFeedIntent();
            return map;
        }
        catch
        {
            map.Dispose();
            throw;
        }
    }

    /// <summary>Opens the map in a directory for reading, beside its writer if there is one. Nothing is ever written: a read-only file
    /// system will do.</summary>
    /// <param name="directory">The directory of the map.</param>
    /// <param name="options">Defaults where <see langword="null"/>; only the storage and prefaulting matter.</param>
    /// <exception cref="EstreamStorageException">There is no map, or it may not be read.</exception>
    /// <exception cref="EstreamFormatException">The map has another format version, or the files are no map.</exception>
    /// <exception cref="EstreamCorruptionException">The files are damaged.</exception>
    public static ByteMap OpenReadOnly(string directory, ByteMapOptions? options = null) => OpenReadOnly(directory, options, features: 0);

    internal static ByteMap OpenReadOnly(string directory, ByteMapOptions? options, int features)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        options = (options ?? new ByteMapOptions()).Validated();
        var files = new DirectorySource(options.Storage, directory);
        return new ByteMap(new ByteMapOpener(files, options, features).OpenReadOnly(files), directory, options);
    }

    /// <summary>Makes a map in the memory of this process, outside the garbage-collected heap and on huge pages where the system gives
    /// them.</summary>
    /// <param name="options">Defaults where <see langword="null"/>; the storage does not matter.</param>
    /// <exception cref="InsufficientMemoryException">The system has no address space for it.</exception>
    public static ByteMap CreateInMemory(ByteMapOptions? options = null) => CreateInMemory(options, features: 0);

    internal static ByteMap CreateInMemory(ByteMapOptions? options, int features)
    {
        options = (options ?? new ByteMapOptions()).Validated();
        return new ByteMap(new ByteMapOpener(new MemorySource(), options, features).CreateInMemory(), directory: null, options);
    }

    /// <summary>One of the words kept with the map for its user; see <see cref="StateMap{TKey, TValue}.UserWord"/>.</summary>
    /// <param name="index">0 up to <see cref="StateMap.UserWordCount"/> - 1.</param>
    public long UserWord(int index) => Index.UserWord(index);

    /// <summary>
    /// Closes the map. A writer first writes everything to the device, so that a later power cut loses nothing, and lets the next writer
    /// in. Idempotent.
    /// </summary>
    /// <exception cref="EstreamStorageException">The device reported an error. The map is closed all the same, and says
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
            _meta.Dispose();
        }
    }

    // The index goes last, since it holds the lock; it is on the device before bytes.meta says that everything is.
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

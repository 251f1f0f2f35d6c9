using System.Text;
using Estream.Fpga.Internal;

namespace Estream.Fpga;

/// <summary>
/// A real or simulated card, opened by its address: <c>sim:</c>, <c>vfio:0000:3b:00.0</c>, or <c>loopback:</c>. Not thread-safe; two cards
/// are independent. This is the low-level interface. Circuits use cards through <see cref="FpgaTarget"/>, which continues without a card.
/// </summary>
public sealed unsafe class FpgaCard : IDisposable
{
    private readonly DeviceHandle _device;
    private readonly FpgaMemory _rings;
    private bool _isDisposed;

    private FpgaCard(DeviceHandle device, string uri, FpgaCardOptions options)
    {
        _device = device;
        Info = ReadInfo(device, uri);
        long submissionBytes = (long)options.RingEntries * FpgaSubmission.Bytes;
        _rings = new FpgaMemory(device, uri, submissionBytes + ((long)options.RingEntries * FpgaCompletion.Bytes));
        try
        {
            Queue = CreateQueue(device, uri, options, submissionBytes);
        }
        catch
        {
            _rings.Dispose();
            throw;
        }
    }

    /// <summary>The reason why no card can be opened: the native library is missing or incompatible. Null if the library is
    /// usable.</summary>
    public static string? Missing => LibraryLoading.Missing;

    /// <summary>Description and features of the card.</summary>
    public FpgaInfo Info { get; }

    /// <summary>The card's submission and completion rings.</summary>
    public FpgaQueue Queue { get; }

    /// <summary>Opens a card and puts it in the state after a reset.</summary>
    /// <param name="uri">The address of the card, at most 63 characters.</param>
    /// <param name="options">The options; defaults when omitted.</param>
    /// <exception cref="ArgumentException">The address is empty or too long, or the number of ring entries is not a power of two from 2 to
    /// 65,536.</exception>
    /// <exception cref="EstreamFpgaException">The library or the card is missing, or the card does not answer.</exception>
    public static FpgaCard Open(string uri, FpgaCardOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(uri);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(uri.Length, 63);
        options ??= new FpgaCardOptions();
        if (options.RingEntries is < 2 or > 65_536 || !int.IsPow2(options.RingEntries))
        {
            throw new ArgumentException($"RingEntries is {options.RingEntries}; it must be a power of two from 2 to 65536.",
                nameof(options));
        }

        if (Missing is string missing)
        {
            throw new EstreamFpgaException(missing, uri, FpgaFailure.NoLibrary);
        }

        DeviceHandle device = OpenDevice(uri, options.Seed);
        try
        {
            return new FpgaCard(device, uri, options);
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    /// <summary>Reads the card's counters. Takes about fifty register reads.</summary>
    /// <exception cref="EstreamFpgaException">The card has disappeared.</exception>
    public FpgaCounters ReadCounters()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        NativeMethods.Counters counters = new() { Size = (uint)sizeof(NativeMethods.Counters), Version = NativeMethods.StructVersion };

        // SAFETY: the struct is on this stack, and its Size field holds its size.
        Require(NativeMethods.GetCounters(_device, &counters));
        return new FpgaCounters
        {
            Backend = (FpgaBackend)counters.Backend,
            Cycles = (long)counters.Cycles,
            Submissions = (long)counters.Submissions,
            Completions = (long)counters.Completions,
            StallCycles = (long)counters.StallCycles,
            Refused = (long)counters.Refused,
            DmaErrors = (long)counters.DmaErrors,
            AppendMessages = (long)counters.AppendMessages,
            AppendBytes = (long)counters.AppendBytes,
            MapGets = (long)counters.MapGets,
            MapChanges = (long)counters.MapChanges,
            MapDisplacements = (long)counters.MapDisplacements,
            MapFull = (long)counters.MapFull,
            MapDamaged = (long)counters.MapDamaged,
            MapEntries = (long)counters.MapEntries,
            MapStashed = (long)counters.MapStashed,
            MapWorstCycles = (long)counters.MapWorstCycles,
            HotHits = (long)counters.HotHits,
            HotMisses = (long)counters.HotMisses,
            LeafHashes = (long)counters.LeafHashes,
            LeafPermutations = (long)counters.LeafPermutations,
            Timeouts = (long)counters.Timeouts,
            Resets = (long)counters.Resets,
        };
    }

    /// <summary>Allocates memory that the card can read and write. Dispose it before the card.</summary>
    /// <param name="bytes">The number of bytes, at least 1. From 2 MiB, the memory can be on huge pages.</param>
    /// <exception cref="EstreamFpgaException">The memory could not be mapped for the card.</exception>
    public FpgaMemory AllocateMemory(long bytes)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return new FpgaMemory(_device, Info.Uri, bytes);
    }

    /// <summary>Resets the card to its initial state: empties its maps, restarts sequence numbers and versions at 0, and discards
    /// submissions in flight without completions.</summary>
    /// <exception cref="EstreamFpgaException">The card has disappeared.</exception>
    public void Reset()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        NativeMethods.CallStatus status = NativeMethods.Reset(_device);
        Queue.Restart();
        Require(status);
    }

    /// <summary>Sets the sequence number of a lane's next append. Call only when no submissions are in flight.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="next">The sequence number.</param>
    /// <exception cref="EstreamFpgaException">The card has disappeared, or does not have this lane.</exception>
    public void SetNextSequence(int lane, long next) =>
        Require(NativeMethods.Load(_device, NativeMethods.LoadKind.Sequence, (uint)lane, (ulong)next));

    /// <summary>Sets the last version of a lane; the next change gets the version after it. Call only when no submissions are in
    /// flight.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="last">The version.</param>
    /// <exception cref="EstreamFpgaException">The card has disappeared, or does not have this lane.</exception>
    public void SetLastVersion(int lane, long last) =>
        Require(NativeMethods.Load(_device, NativeMethods.LoadKind.Version, (uint)lane, (ulong)last));

    /// <summary>Sets the card's time. Call only when no submissions are in flight.</summary>
    /// <param name="utcNanos">Nanoseconds since 1970-01-01 UTC.</param>
    /// <exception cref="EstreamFpgaException">The card has disappeared.</exception>
    public void SetTime(long utcNanos) => Require(NativeMethods.Load(_device, NativeMethods.LoadKind.Time, 0, (ulong)utcNanos));

    /// <summary>Closes the card. Idempotent.</summary>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            Queue.End();
            _rings.Dispose();
            _device.Dispose();
        }
    }

    /// <summary>Injects a fault into a simulated card.</summary>
    internal void InjectFault(FpgaFault fault, long afterCompletions, ulong seed = 0) =>
        Require(NativeMethods.InjectFault(_device, (uint)fault, (ulong)afterCompletions, seed));

    private static DeviceHandle OpenDevice(string uri, ulong seed)
    {
        nint device = 0;

        // SAFETY: the text is pinned by the fixed statement for the call, and ends with a 0; the struct is on this stack.
        fixed (byte* text = Encoding.UTF8.GetBytes(uri + '\0'))
        {
            NativeMethods.OpenParameters parameters = new()
            {
                Size = (uint)sizeof(NativeMethods.OpenParameters),
                Version = NativeMethods.StructVersion,
                Uri = text,
                Seed = seed,
            };
            NativeMethods.CallStatus status = NativeMethods.Open(&parameters, &device);
            return status == NativeMethods.CallStatus.Ok ? new DeviceHandle(device) : throw NativeErrors.Of(status, uri);
        }
    }

    private static FpgaInfo ReadInfo(DeviceHandle device, string uri)
    {
        NativeMethods.Capabilities found = new() { Size = (uint)sizeof(NativeMethods.Capabilities), Version = NativeMethods.StructVersion };

        // SAFETY: the struct is on this stack, and its Size field holds its size.
        NativeMethods.CallStatus status = NativeMethods.GetCapabilities(device, &found);
        if (status != NativeMethods.CallStatus.Ok)
        {
            throw NativeErrors.Of(status, uri);
        }

        CardCapabilityBits features = (CardCapabilityBits)found.Features;
        return new FpgaInfo(
            uri, (FpgaBackend)found.Backend, (int)found.ClockKhz, (int)found.Lanes, (int)found.MapSlots, (int)found.HotKeys, found.CardAbi,
            features.HasFlag(CardCapabilityBits.Append), features.HasFlag(CardCapabilityBits.Map),
            features.HasFlag(CardCapabilityBits.LeafHash));
    }

    private FpgaQueue CreateQueue(DeviceHandle device, string uri, FpgaCardOptions options, long submissionBytes)
    {
        // SAFETY: both rings are inside the memory allocated for them, which begins at a page, and Dispose ends the queue before it frees
        // that memory.
        byte* memory = _rings.Pointer;
        NativeMethods.QueueParameters parameters = new()
        {
            Size = (uint)sizeof(NativeMethods.QueueParameters),
            Version = NativeMethods.StructVersion,
            Entries = (uint)options.RingEntries,
            DeadlineCycles = options.DeadlineCycles,
            Submissions = memory,
            Completions = memory + submissionBytes,
        };
        nint queue = 0;
        NativeMethods.CallStatus status = NativeMethods.CreateQueue(device, &parameters, &queue);
        return status == NativeMethods.CallStatus.Ok
            ? new FpgaQueue(new QueueHandle(queue, device), uri, options.RingEntries, (FpgaSubmission*)memory,
                (FpgaCompletion*)(memory + submissionBytes))
            : throw NativeErrors.Of(status, uri);
    }

    private void Require(NativeMethods.CallStatus status)
    {
        if (status != NativeMethods.CallStatus.Ok)
        {
            throw NativeErrors.Of(status, Info.Uri);
        }
    }
}

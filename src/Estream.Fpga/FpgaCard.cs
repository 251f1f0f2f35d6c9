using System.Text;
using Estream.Fpga.Internal;

namespace Estream.Fpga;

/// <summary>
/// A card, real or simulated, by its address: <c>sim:</c>, <c>vfio:0000:3b:00.0</c>, or <c>loopback:</c>. One thread at a time; two cards
/// are independent. Cards are used through <see cref="FpgaTarget"/> by circuits, which go on without one; this is what is below.
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

    /// <summary>Why no card can be opened here: the native library is not there or does not fit. Null when it does.</summary>
    public static string? Missing => LibraryLoading.Missing;

    /// <summary>What the card is.</summary>
    public FpgaInfo Info { get; }

    /// <summary>Its rings.</summary>
    public FpgaQueue Queue { get; }

    /// <summary>Opens a card, which begins as after a reset.</summary>
    /// <param name="uri">Its address, at most 63 characters.</param>
    /// <param name="options">How; defaults when omitted.</param>
    /// <exception cref="ArgumentException">The address is empty or too long, or the entries are no power of two from 2 to
    /// 65,536.</exception>
    /// <exception cref="EstreamFpgaException">There is no library, no such card, or it does not answer.</exception>
    public static FpgaCard Open(string uri, FpgaCardOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(uri);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(uri.Length, 63);
        options ??= new FpgaCardOptions();
        if (options.RingEntries is < 2 or > 65_536 || !int.IsPow2(options.RingEntries))
        {
            throw new ArgumentException($"Rings have a power of two of entries from 2 to 65536, and not {options.RingEntries}.",
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

    /// <summary>Reads what the card has counted. Some fifty reads of registers.</summary>
    /// <exception cref="EstreamFpgaException">The card is gone.</exception>
    public FpgaCounters ReadCounters()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        NativeMethods.Counters counters = new() { Size = (uint)sizeof(NativeMethods.Counters), Version = NativeMethods.StructVersion };

        // SAFETY: the struct is on this stack, and its size is told.
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

    /// <summary>Allocates memory that the card may read and write. Dispose it before the card.</summary>
    /// <param name="bytes">Bytes, at least 1; from 2 MiB on it can be on huge pages.</param>
    /// <exception cref="EstreamFpgaException">It was not given to the card.</exception>
    public FpgaMemory AllocateMemory(long bytes)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return new FpgaMemory(_device, Info.Uri, bytes);
    }

    /// <summary>Puts the card back to its begin: its maps are empty, numbers and versions begin at 0, and what was under way gets no
    /// completion any more.</summary>
    /// <exception cref="EstreamFpgaException">The card is gone.</exception>
    public void Reset()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        NativeMethods.CallStatus status = NativeMethods.Reset(_device);
        Queue.Restart();
        Require(status);
    }

    /// <summary>Sets the number that the next append of a lane gets. For when nothing is under way.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="next">The number.</param>
    /// <exception cref="EstreamFpgaException">The card is gone, or has fewer lanes.</exception>
    public void SetNextSequence(int lane, long next) =>
        Require(NativeMethods.Load(_device, NativeMethods.LoadKind.Sequence, (uint)lane, (ulong)next));

    /// <summary>Sets the last version of a lane: the next change gets the one behind it. For when nothing is under way.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="last">The version.</param>
    /// <exception cref="EstreamFpgaException">The card is gone, or has fewer lanes.</exception>
    public void SetLastVersion(int lane, long last) =>
        Require(NativeMethods.Load(_device, NativeMethods.LoadKind.Version, (uint)lane, (ulong)last));

    /// <summary>Sets the card's time. For when nothing is under way.</summary>
    /// <param name="utcNanos">Nanoseconds since 1970-01-01 UTC.</param>
    /// <exception cref="EstreamFpgaException">The card is gone.</exception>
    public void SetTime(long utcNanos) => Require(NativeMethods.Load(_device, NativeMethods.LoadKind.Time, 0, (ulong)utcNanos));

    /// <summary>Closes it. Idempotent.</summary>
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

    /// <summary>Lets something go wrong in a simulated card.</summary>
    internal void InjectFault(FpgaFault fault, long afterCompletions, ulong seed = 0) =>
        Require(NativeMethods.InjectFault(_device, (uint)fault, (ulong)afterCompletions, seed));

    private static DeviceHandle OpenDevice(string uri, ulong seed)
    {
        nint device = 0;

        // SAFETY: the text is on the pinned heap for the call, and ends with a 0; the struct is on this stack.
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

        // SAFETY: the struct is on this stack, and its size is told.
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
        // SAFETY: both rings are inside the memory allocated for them, which begins at a page, and Dispose ends the queue before it gives
        // that memory back.
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

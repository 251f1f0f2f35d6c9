using System.Runtime.InteropServices;

namespace Estream.Core.Internal;

/// <summary>
/// The addresses of disposed regions. A program may still hold a span of a disposed region, so the addresses are not freed at once: private
/// zero pages replace the mapping of the file. Reading such a span returns zeros, and a write to it changes no file.
/// </summary>
/// <remarks>
/// Thread-safe. Costs address space, which a process has 128 TiB of, and memory only for pages that the program still writes. The limits
/// apply to the whole process: beyond them, the addresses that were retired first are freed, and a span there must not be used any more.
/// </remarks>
internal static unsafe class RetiredAddresses
{
    // An eighth of the mappings that Linux allows a process (vm.max_map_count, 65,530).
    internal const int MaxRanges = 8_192;
    internal const ulong MaxBytes = 8UL << 40;

    // A process with a limit of its address space (RLIMIT_AS) needs most of it for other memory.
    private const ulong ShareOfLimit = 16;

    private static readonly ulong s_maxBytes = LimitOf("/proc/self/limits");

    // In this mode, the kernel reserves memory for each writable page, also for a mapping without reservation.
    private static readonly bool s_isWriteCharged = TextOf("/proc/sys/vm/overcommit_memory").Trim() == "2";

    private static readonly object s_gate = new();
    private static readonly Queue<(nuint Address, nuint Bytes)> s_ranges = new();
    private static ulong s_bytes;

    /// <summary>Maps memory as the system call does. If the address space is used up, frees the retired addresses and tries
    /// again.</summary>
    /// <returns>The address, or -1 with the errno set.</returns>
    public static void* Map(nuint bytes, int protection, int flags, int fileDescriptor)
    {
        void* address = NativeMethods.Map(null, bytes, protection, flags, fileDescriptor, 0);
        if (address == (void*)-1 && Marshal.GetLastPInvokeError() == NativeMethods.ErrorNoMemory && bytes <= MaxBytes)
        {
            FreeAll();
            address = NativeMethods.Map(null, bytes, protection, flags, fileDescriptor, 0);
        }

        return address;
    }

    /// <summary>Replaces a mapping with private zero pages. The addresses no longer refer to the file.</summary>
    /// <param name="address">The start of the mapping.</param>
    /// <param name="bytes">Its length, in whole pages of its file.</param>
    /// <param name="isReadOnly">Whether the region has returned no writable span.</param>
    // SAFETY: the caller owns the mapping and calls this once in place of munmap. MAP_FIXED replaces exactly these pages, in one step for
    // other threads.
    public static void Add(byte* address, nuint bytes, bool isReadOnly)
    {
        bool isReplaced = (!isReadOnly && !s_isWriteCharged && TryReplace(address, bytes, NativeMethods.ProtRead | NativeMethods.ProtWrite))
            || TryReplace(address, bytes, NativeMethods.ProtRead);
        if (!isReplaced)
        {
            _ = NativeMethods.Unmap(address, bytes);
            return;
        }

        lock (s_gate)
        {
            s_ranges.Enqueue(((nuint)address, bytes));
            s_bytes += bytes;
            while (s_ranges.Count > MaxRanges || s_bytes > s_maxBytes)
            {
                FreeOldest();
            }
        }
    }

    private static bool TryReplace(byte* address, nuint bytes, int protection)
    {
        const int Flags = NativeMethods.MapPrivate | NativeMethods.MapAnonymous | NativeMethods.MapNoReserve | NativeMethods.MapFixed;
        return NativeMethods.Map(address, bytes, protection, Flags, -1, 0) != (void*)-1;
    }

    /// <summary>Returns the maximum of retired bytes for a process, from a file in the form of <c>/proc/PID/limits</c>.</summary>
    internal static ulong LimitOf(string file)
    {
        const string Name = "Max address space";
        string? line = TextOf(file).Split('\n').FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal));
        string? soft = line?[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return ulong.TryParse(soft, out ulong bytes) ? Math.Min(MaxBytes, bytes / ShareOfLimit) : MaxBytes;
    }

    private static string TextOf(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static void FreeAll()
    {
        lock (s_gate)
        {
            while (s_ranges.Count > 0)
            {
                FreeOldest();
            }
        }
    }

    private static void FreeOldest()
    {
        (nuint address, nuint bytes) = s_ranges.Dequeue();
        s_bytes -= bytes;
        _ = NativeMethods.Unmap((void*)address, bytes);
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Estream.Fpga.Internal;

/// <summary>All calls into the library of <c>native/include/estream_fpga.h</c>, and its structs.</summary>
internal static unsafe partial class NativeMethods
{
    /// <summary>The interface version declared here; the major version is in the upper half.</summary>
    public const uint AbiVersion = 1 << 16;

    /// <summary>The version of each struct.</summary>
    public const uint StructVersion = 1;

    public const string Library = "estream_fpga";

    [LibraryImport(Library, EntryPoint = "esf_abi_version")]
    public static partial uint GetAbiVersion();

    [LibraryImport(Library, EntryPoint = "esf_last_error")]
    public static partial byte* GetLastError();

    [LibraryImport(Library, EntryPoint = "esf_open")]
    public static partial CallStatus Open(OpenParameters* parameters, nint* device);

    [LibraryImport(Library, EntryPoint = "esf_close")]
    public static partial CallStatus Close(nint device);

    [LibraryImport(Library, EntryPoint = "esf_get_caps")]
    public static partial CallStatus GetCapabilities(DeviceHandle device, Capabilities* capabilities);

    [LibraryImport(Library, EntryPoint = "esf_get_counters")]
    public static partial CallStatus GetCounters(DeviceHandle device, Counters* counters);

    [LibraryImport(Library, EntryPoint = "esf_dma_map")]
    public static partial CallStatus MapMemory(DeviceHandle device, void* memory, ulong bytes, ulong* address);

    [LibraryImport(Library, EntryPoint = "esf_dma_unmap")]
    public static partial CallStatus UnmapMemory(DeviceHandle device, ulong address);

    [LibraryImport(Library, EntryPoint = "esf_queue_create")]
    public static partial CallStatus CreateQueue(DeviceHandle device, QueueParameters* parameters, nint* queue);

    [LibraryImport(Library, EntryPoint = "esf_queue_destroy")]
    public static partial CallStatus DestroyQueue(nint queue);

    [LibraryImport(Library, EntryPoint = "esf_doorbell")]
    public static partial CallStatus Doorbell(nint queue, uint tail);

    [LibraryImport(Library, EntryPoint = "esf_poll")]
    public static partial CallStatus Poll(nint queue, uint cycles);

    [LibraryImport(Library, EntryPoint = "esf_wait")]
    public static partial CallStatus Wait(nint queue, uint completions, ulong timeoutNanos);

    [LibraryImport(Library, EntryPoint = "esf_load")]
    public static partial CallStatus Load(DeviceHandle device, LoadKind kind, uint lane, ulong value);

    [LibraryImport(Library, EntryPoint = "esf_reset")]
    public static partial CallStatus Reset(DeviceHandle device);

    [LibraryImport(Library, EntryPoint = "esf_sim_fault")]
    public static partial CallStatus InjectFault(DeviceHandle device, uint kind, ulong afterCompletions, ulong seed);

    /// <summary>enum esf_status.</summary>
    public enum CallStatus
    {
        Ok = 0,
        Again = 1,
        Timeout = 2,
        DmaError = 3,
        DeviceGone = 4,
        BadRequest = 5,
        Unavailable = 6,
        AbiMismatch = 7,
    }

    /// <summary>enum esf_load_kind.</summary>
    public enum LoadKind : uint
    {
        Time = 1,
        Sequence = 2,
        Version = 3,
    }

    /// <summary>struct esf_open_params.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct OpenParameters
    {
        public uint Size;
        public uint Version;
        public byte* Uri;
        public ulong Seed;
    }

    /// <summary>struct esf_caps.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Capabilities
    {
        public uint Size;
        public uint Version;
        public uint Backend;
        public uint Features;
        public uint ClockKhz;
        public uint RingMax;
        public uint Lanes;
        public uint MapSlots;
        public uint MapStash;
        public uint HotKeys;
        public uint CardAbi;
        public UriText Uri;
    }

    /// <summary>char uri[64].</summary>
    [InlineArray(64)]
    public struct UriText
    {
        private byte _first;
    }

    /// <summary>struct esf_counters.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Counters
    {
        public uint Size;
        public uint Version;
        public uint Backend;
        public uint Reserved;
        public ulong Cycles;
        public ulong Submissions;
        public ulong Completions;
        public ulong StallCycles;
        public ulong Refused;
        public ulong DmaErrors;
        public ulong AppendMessages;
        public ulong AppendBytes;
        public ulong MapGets;
        public ulong MapChanges;
        public ulong MapDisplacements;
        public ulong MapFull;
        public ulong MapDamaged;
        public ulong MapEntries;
        public ulong MapStashed;
        public ulong MapWorstCycles;
        public ulong HotHits;
        public ulong HotMisses;
        public ulong LeafHashes;
        public ulong LeafPermutations;
        public ulong Timeouts;
        public ulong Resets;
    }

    /// <summary>struct esf_queue_params.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct QueueParameters
    {
        public uint Size;
        public uint Version;
        public uint Entries;
        public uint DeadlineCycles;
        public void* Submissions;
        public void* Completions;
    }
}

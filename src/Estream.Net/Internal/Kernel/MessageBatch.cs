using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Estream.Core;

namespace Estream.Net.Internal.Kernel;

/// <summary>
/// The arguments of sendmmsg or recvmmsg over the memory of an arena, prepared once: message headers, vectors, socket addresses and control
/// buffers. Not thread-safe; allocates nothing per call.
/// </summary>
internal sealed unsafe class MessageBatch : IDisposable
{
    private const int AddressBytes = 32;
    private const int IPv4AddressBytes = 16;
    private const int IPv6AddressBytes = 28;
    private const int ControlBytes = 64;
    private const int ControlHeaderBytes = 16;

    private readonly NativeRegion _memory;
    private readonly byte* _arena;
    private readonly long _arenaBytes;
    private readonly int _vectorCount;
    private NativeMethods.MessageHeader* _messages;
    private NativeMethods.IoVector* _vectors;

    /// <param name="arena">The memory of the packets; must stay valid as long as this object.</param>
    /// <param name="messages">The maximum number of messages of a call.</param>
    /// <param name="vectors">The number of parts that all messages of a call have together.</param>
    public MessageBatch(RegionSpan arena, int messages, int vectors)
    {
        MessageCount = messages;
        _vectorCount = vectors;
        _arenaBytes = arena.Length;
        long headerBytes = (long)messages * sizeof(NativeMethods.MessageHeader);
        long vectorBytes = (long)vectors * sizeof(NativeMethods.IoVector);
        _memory = NativeRegion.Allocate(headerBytes + vectorBytes + ((long)messages * (AddressBytes + ControlBytes)));

        // SAFETY: both regions are outside the collected heap. The arena outlives this object by its contract; the own region is freed by
        // Dispose, which clears the pointers. The four arrays follow each other in it, and each size is a multiple of 16.
        _arena = (byte*)Unsafe.AsPointer(ref arena.Span(0, 1)[0]);
        byte* start = (byte*)Unsafe.AsPointer(ref _memory.All.Span(0, 1)[0]);
        _messages = (NativeMethods.MessageHeader*)start;
        _vectors = (NativeMethods.IoVector*)(start + headerBytes);
        byte* addresses = start + headerBytes + vectorBytes;
        byte* controls = addresses + ((long)messages * AddressBytes);
        for (int i = 0; i < messages; i++)
        {
            _messages[i].Name = addresses + (i * AddressBytes);
            _messages[i].Control = controls + (i * ControlBytes);
        }
    }

    public int MessageCount { get; }

    /// <summary>Sets a part of a message.</summary>
    /// <param name="vector">The index of the part.</param>
    /// <param name="offset">Its first byte in the arena.</param>
    /// <param name="length">Its length.</param>
    public void SetVector(int vector, long offset, int length)
    {
        if ((uint)vector >= (uint)_vectorCount || offset < 0 || length < 0 || offset > _arenaBytes - length)
        {
            throw new ArgumentOutOfRangeException(nameof(vector), vector, $"Part {vector}, bytes {offset}+{length}, is outside the arena.");
        }

        // SAFETY: just checked against the vectors and the arena.
        _vectors[vector].Base = _arena + offset;
        _vectors[vector].Length = (nuint)length;
    }

    /// <summary>Assigns parts to a message, without control data.</summary>
    public void SetParts(int message, int firstVector, int count)
    {
        ref NativeMethods.MessageHeader header = ref Header(message);
        if (firstVector < 0 || count < 0 || firstVector > _vectorCount - count)
        {
            throw new ArgumentOutOfRangeException(nameof(firstVector), firstVector, $"There are {_vectorCount} parts.");
        }

        // SAFETY: the parts are inside the array.
        header.Vectors = _vectors + firstVector;
        header.VectorCount = (nuint)count;
        header.ControlLength = 0;
    }

    /// <summary>Sets the destination of a message.</summary>
    public void SetDestination(int message, in PacketAddress destination)
    {
        ref NativeMethods.MessageHeader header = ref Header(message);

        // SAFETY: the name of the message has AddressBytes, more than each of the structures sockaddr_in and sockaddr_in6.
        Span<byte> name = new(header.Name, AddressBytes);
        BinaryPrimitives.WriteUInt16BigEndian(name[2..], destination.Port);
        if (destination.IsIPv4)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(name, NativeMethods.FamilyIPv4);
            BinaryPrimitives.WriteUInt32BigEndian(name[4..], destination.IPv4);
            header.NameLength = IPv4AddressBytes;
        }
        else
        {
            BinaryPrimitives.WriteUInt16LittleEndian(name, NativeMethods.FamilyIPv6);
            BinaryPrimitives.WriteUInt32LittleEndian(name[4..], 0);
            BinaryPrimitives.WriteUInt128BigEndian(name[8..], destination.Value);
            BinaryPrimitives.WriteUInt32LittleEndian(name[24..], destination.ScopeId);
            header.NameLength = IPv6AddressBytes;
        }
    }

    /// <summary>Lets the kernel divide the message into packets of a size (UDP_SEGMENT).</summary>
    public void SetSegmentBytes(int message, int bytes)
    {
        ref NativeMethods.MessageHeader header = ref Header(message);

        // SAFETY: the control buffer has ControlBytes; struct cmsghdr with two bytes takes 18, padded to 24.
        Span<byte> control = new(header.Control, ControlBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(control, ControlHeaderBytes + sizeof(ushort));
        BinaryPrimitives.WriteInt32LittleEndian(control[8..], NativeMethods.LevelUdp);
        BinaryPrimitives.WriteInt32LittleEndian(control[12..], NativeMethods.OptionUdpSegment);
        BinaryPrimitives.WriteUInt16LittleEndian(control[ControlHeaderBytes..], (ushort)bytes);
        header.ControlLength = ControlHeaderBytes + sizeof(ulong);
    }

    /// <summary>Sends the first messages.</summary>
    /// <returns>The number of sent messages, or -1 with the errno in <paramref name="error"/> if the first one failed.</returns>
    public int Send(int socket, int count, out int error)
    {
        _ = Header(count - 1);
        int sent;
        do
        {
            // SAFETY: the headers point into the arena and into the own region, as SetParts and SetDestination checked.
            sent = NativeMethods.SendMessages(socket, _messages, (uint)count, NativeMethods.DontWait);
            error = sent < 0 ? Marshal.GetLastPInvokeError() : 0;
        }
        while (error == NativeMethods.ErrorInterrupted);
        return sent;
    }

    /// <summary>Receives up to <paramref name="count"/> messages without waiting.</summary>
    /// <returns>The number of messages; 0 if none has arrived.</returns>
    public int Receive(int socket, int count)
    {
        for (int i = 0; i < count; i++)
        {
            ref NativeMethods.MessageHeader header = ref Header(i);
            header.NameLength = AddressBytes;
            header.ControlLength = ControlBytes;
        }

        // SAFETY: the headers point into the arena and into the own region; the kernel writes at most the lengths they state.
        return Math.Max(NativeMethods.ReceiveMessages(socket, _messages, (uint)count, NativeMethods.DontWait, null), 0);
    }

    /// <summary>The length of a received message, and whether the kernel cut it off.</summary>
    public (int Length, bool IsTruncated) Received(int message)
    {
        ref NativeMethods.MessageHeader header = ref Header(message);
        return ((int)header.Length, (header.Flags & NativeMethods.Truncated) != 0);
    }

    /// <summary>The sender of a received message.</summary>
    public PacketAddress Source(int message)
    {
        ref NativeMethods.MessageHeader header = ref Header(message);

        // SAFETY: the name of the message has AddressBytes.
        ReadOnlySpan<byte> name = new(header.Name, AddressBytes);
        ushort port = BinaryPrimitives.ReadUInt16BigEndian(name[2..]);
        return BinaryPrimitives.ReadUInt16LittleEndian(name) == NativeMethods.FamilyIPv4
            ? PacketAddress.OfIPv4(BinaryPrimitives.ReadUInt32BigEndian(name[4..]), port)
            : new PacketAddress(
                BinaryPrimitives.ReadUInt128BigEndian(name[8..]), port, BinaryPrimitives.ReadUInt32LittleEndian(name[24..]));
    }

    /// <summary>The size of the packets that the kernel merged into a received message (UDP_GRO); 0 if the message is one packet.</summary>
    public int SegmentBytes(int message)
    {
        ref NativeMethods.MessageHeader header = ref Header(message);

        // SAFETY: the control buffer has ControlBytes, and the kernel reports at most as many.
        ReadOnlySpan<byte> control = new(header.Control, (int)Math.Min(header.ControlLength, ControlBytes));
        while (control.Length >= ControlHeaderBytes + sizeof(int))
        {
            ulong length = BinaryPrimitives.ReadUInt64LittleEndian(control);
            if (length < ControlHeaderBytes || length > (ulong)control.Length)
            {
                return 0;
            }

            if (BinaryPrimitives.ReadInt32LittleEndian(control[8..]) == NativeMethods.LevelUdp
                && BinaryPrimitives.ReadInt32LittleEndian(control[12..]) == NativeMethods.OptionUdpGro)
            {
                return BinaryPrimitives.ReadInt32LittleEndian(control[ControlHeaderBytes..]);
            }

            control = control[(int)Math.Min((length + 7) & ~7UL, (ulong)control.Length)..];
        }

        return 0;
    }

    public void Dispose()
    {
        _messages = null;
        _vectors = null;
        _memory.Dispose();
    }

    private ref NativeMethods.MessageHeader Header(int message)
    {
        if ((uint)message >= (uint)MessageCount)
        {
            throw new ArgumentOutOfRangeException(nameof(message), message, $"There are {MessageCount} messages.");
        }

        // SAFETY: just checked. After Dispose the pointer is null, which the runtime turns into an exception.
        return ref _messages[message];
    }
}

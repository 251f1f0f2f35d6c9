using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Estream.Net.Internal;

namespace Estream.Net;

/// <content>The operations of <see cref="ReceivedBatch"/> and <see cref="SendBatch"/>.</content>
public abstract partial class PacketTransport
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ReceivedPacket ReceivedAt(int index, uint turn)
    {
        if ((uint)index >= (uint)_receivedCount || turn != _receiveTurn)
        {
            ThrowIndex(index, turn == _receiveTurn ? _receivedCount : 0);
        }

        ref ReceivedSlot slot = ref _received[index];
        return new ReceivedPacket(_arena.All.ReadOnlySpan(slot.Offset, slot.Length), slot.Source);
    }

    internal void Release(uint turn)
    {
        if (_receivedCount > 0 && turn == _receiveTurn)
        {
            _receivedCount = 0;
            ReleaseCore();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Span<byte> ReservedAt(int index, uint turn) => _arena.All.Span(Reserved(index, turn).Offset, MaxPayloadBytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void SetLength(int index, int length, uint turn)
    {
        if ((uint)length > (uint)MaxPayloadBytes)
        {
            ThrowLength(length);
        }

        Reserved(index, turn).Length = length;
    }

    internal void SetDestination(int index, in PacketAddress destination, uint turn)
    {
        if (destination.IsIPv4 != _isIPv4)
        {
            throw new ArgumentException($"The destination {destination} has another address family than the local address {LocalEndPoint}.",
                nameof(destination));
        }

        ref SendSlot slot = ref Reserved(index, turn);
        slot.Destination = destination;
        slot.HasDestination = true;
    }

    internal int Send(int count, uint turn)
    {
        if ((uint)count > (uint)_reservedCount || turn != _sendTurn)
        {
            ThrowCount(count, turn == _sendTurn ? _reservedCount : 0);
        }

        for (int i = 0; i < count; i++)
        {
            if (_reserved[i].Length == SendSlot.NoLength || !_reserved[i].HasDestination)
            {
                ThrowIncomplete(i);
            }
        }

        ReturnFrames(count);
        _reservedCount = 0;
        Submit(_reserved.AsSpan(0, count));
        return Pending;
    }

    internal void Cancel(uint turn)
    {
        if (turn == _sendTurn)
        {
            ReturnFrames(0);
            _reservedCount = 0;
        }
    }

    private void ReturnFrames(int first)
    {
        // From the last to the first, so that the next batch gets the same frames in the same order.
        for (int i = _reservedCount - 1; i >= first; i--)
        {
            _arena.Return(_reserved[i].Frame);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref SendSlot Reserved(int index, uint turn)
    {
        if ((uint)index >= (uint)_reservedCount || turn != _sendTurn)
        {
            ThrowIndex(index, turn == _sendTurn ? _reservedCount : 0);
        }

        return ref _reserved[index];
    }

    [DoesNotReturn]
    private static void ThrowIndex(int index, int count) =>
        throw new ArgumentOutOfRangeException(nameof(index), index,
            $"The batch has {count} packets (0 after it is sent, released or disposed).");

    [DoesNotReturn]
    private void ThrowLength(int length) =>
        throw new ArgumentOutOfRangeException(nameof(length), length, $"A payload has 0 to {MaxPayloadBytes} bytes on {Description}.");

    [DoesNotReturn]
    private void ThrowCount(int count, int reserved)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (reserved == 0 && count >= 0)
        {
            throw new InvalidOperationException("The send batch is already sent or disposed. Reserve a new one.");
        }

        throw new ArgumentOutOfRangeException(nameof(count), count, $"The batch has {reserved} packets.");
    }

    [DoesNotReturn]
    private void ThrowIncomplete(int index) =>
        throw new InvalidOperationException(_reserved[index].Length == SendSlot.NoLength
            ? $"Packet {index} of the batch has no length. Call SetLength, or send fewer packets."
            : $"Packet {index} of the batch has no destination. Call SetDestination, or set RemoteEndPoint in the options.");
}

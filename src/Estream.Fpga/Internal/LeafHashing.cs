using System.Buffers.Binary;
using Estream.Crypto;

namespace Estream.Fpga.Internal;

/// <summary>Hashes leaves of Merkle trees, on a card if one is ready. Not thread-safe.</summary>
internal sealed class LeafHashing(CardSlots cards)
{
    private const int HashRoom = 64;

    private readonly CardBurst _burst = new();
    private readonly int _place = cards.NextPlace();

    // Requests in flight: the index of the message, and the offset of its hash in the card's memory.
    private readonly List<(int Index, long Offset)> _waiting = [];

    public void Hash(ReadOnlySpan<byte> messages, ReadOnlySpan<int> lengths, Span<byte> hashes, int? place = null)
    {
        CardSlot? slot = cards.Take(place ?? _place);
        Span<bool> isHashed = lengths.Length <= 1_024 ? stackalloc bool[lengths.Length] : new bool[lengths.Length];
        isHashed.Clear();
        if (slot is not null)
        {
            try
            {
                if (slot.Card!.Info.HasLeafHash)
                {
                    HashOn(slot, messages, lengths, hashes, isHashed);
                }
            }
            finally
            {
                slot.Gate.Exit();
            }
        }

        // The processor hashes every message for which no card has returned a correct hash.
        for (int i = 0, offset = 0; i < lengths.Length; offset += lengths[i], i++)
        {
            if (!isHashed[i])
            {
                Sha3Lanes.Hash([0], messages.Slice(offset, lengths[i]), hashes.Slice(i * Sha3Lanes.HashBytes, Sha3Lanes.HashBytes));
            }
        }
    }

    private void HashOn(CardSlot slot, ReadOnlySpan<byte> messages, ReadOnlySpan<int> lengths, Span<byte> hashes, Span<bool> isHashed)
    {
        _waiting.Clear();
        _burst.Begin(slot, lengths.Length);
        for (int i = 0, offset = 0; i < lengths.Length; offset += lengths[i], i++)
        {
            if (lengths[i] > CardLayout.MaxPayloadBytes)
            {
                continue;
            }

            if (_burst.IsFullFor(lengths[i] + HashRoom))
            {
                _ = _burst.Finish();
                Take(slot, lengths, hashes, isHashed);
            }

            if (!_burst.CanSend(lengths[i] + HashRoom))
            {
                return;
            }

            // The card writes the hash directly before the message.
            Span<byte> memory = _burst.Take(lengths[i] + HashRoom, out ulong address);
            messages.Slice(offset, lengths[i]).CopyTo(memory[HashRoom..]);
            _waiting.Add((i, (long)(address - slot.Messages.Address)));
            FpgaWriting.Leaf(ref _burst.Send(i), address + HashRoom, lengths[i], address);
        }

        _ = _burst.Finish();
        Take(slot, lengths, hashes, isHashed);
        _burst.End();
    }

    // Hashes that the card returned before a failure are used too, unless the card was closed: its memory is then unmapped.
    private void Take(CardSlot slot, ReadOnlySpan<int> lengths, Span<byte> hashes, Span<bool> isHashed)
    {
        foreach ((int index, long offset) in _waiting)
        {
            ref readonly CardAnswer answer = ref _burst[index];
            if (slot.Card is null || !answer.IsAnswered || answer.Status != CardStatus.Ok)
            {
                continue;
            }

            ReadOnlySpan<byte> hash = slot.Messages.Span(offset, Sha3Lanes.HashBytes);
            if (answer.Info == (uint)lengths[index] && answer.Data == BinaryPrimitives.ReadUInt64LittleEndian(hash))
            {
                hash.CopyTo(hashes.Slice(index * Sha3Lanes.HashBytes, Sha3Lanes.HashBytes));
                isHashed[index] = true;
            }
            else
            {
                _burst.Distrust($"The card '{slot.Uri}' reported a wrong hash: its memory or the connection to it is damaged.");
            }
        }

        _waiting.Clear();
    }
}
